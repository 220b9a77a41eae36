# Makes the project a Firebase project; the site and its rewrites are deployed by
# `firebase deploy --only hosting`, whose source is firebase.json.
resource "google_firebase_project" "this" {
  provider = google-beta
  count    = var.hosting ? 1 : 0

  project = var.project_id

  depends_on = [google_project_service.service]
}
