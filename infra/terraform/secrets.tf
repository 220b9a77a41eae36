# Digests of the API keys, never the keys. A changed list is a new version, and the functions that
# check keys roll over to it in the same apply.
resource "google_secret_manager_secret" "api_keys" {
  project   = var.project_id
  secret_id = "quorate-api-keys"
  labels    = var.labels

  replication {
    auto {}
  }

  depends_on = [google_project_service.service]
}

resource "google_secret_manager_secret_version" "api_keys" {
  secret = google_secret_manager_secret.api_keys.id
  secret_data = jsonencode([
    for name, key in var.api_keys : { name = name, sha256 = key.sha256, scopes = sort(key.scopes) }
  ])

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret_iam_member" "api_keys" {
  for_each = local.http_functions

  project   = var.project_id
  secret_id = google_secret_manager_secret.api_keys.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.key].member
}
