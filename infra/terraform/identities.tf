# One identity per function, with what that function needs and no more.
resource "google_service_account" "function" {
  for_each = local.functions

  project      = var.project_id
  account_id   = "fn-${each.key}"
  display_name = "Quorate function ${each.key}"

  lifecycle {
    precondition {
      condition     = length("fn-${each.key}") <= 30
      error_message = "The function id ${each.key} is too long for a service account: at most 27 characters."
    }
  }

  depends_on = [google_project_service.service]
}

locals {
  # HTTP functions read and event functions write, but for these.
  firestore_roles = merge(
    { for id in keys(local.http_functions) : id => "roles/datastore.viewer" },
    { for id in keys(local.event_functions) : id => "roles/datastore.user" },
    {
      for id, role in {
        submit-miner-status = google_project_iam_custom_role.report_appender.id
        assign-tasks        = "roles/datastore.user"
        complete-task       = "roles/datastore.user"
        sync-metagraph      = google_project_iam_custom_role.registry_writer.id
      } : id => role if contains(keys(local.functions), id)
    },
  )
}

# Creates and reads, but can neither change nor delete: the log of reports is append-only.
# A commit whose precondition is `exists: false` needs nothing but `create`.
resource "google_project_iam_custom_role" "report_appender" {
  project     = var.project_id
  role_id     = "quorateReportAppender"
  title       = "Quorate report appender"
  description = "Reads documents and creates new ones"
  permissions = [
    "datastore.databases.get",
    "datastore.entities.create",
    "datastore.entities.get",
    "datastore.entities.list",
  ]

  depends_on = [google_project_service.service]
}

# Reads, creates and changes, but neither lists nor deletes: the registry is one document by its name.
resource "google_project_iam_custom_role" "registry_writer" {
  project     = var.project_id
  role_id     = "quorateRegistryWriter"
  title       = "Quorate registry writer"
  description = "Reads documents by name, creates and changes them"
  permissions = [
    "datastore.databases.get",
    "datastore.entities.create",
    "datastore.entities.get",
    "datastore.entities.update",
  ]

  depends_on = [google_project_service.service]
}

resource "google_project_iam_member" "firestore" {
  for_each = local.functions

  project = var.project_id
  role    = local.firestore_roles[each.key]
  member  = google_service_account.function[each.key].member

  condition {
    title      = "the-default-database"
    expression = "resource.name == \"projects/${var.project_id}/databases/(default)\""
  }
}

# API.md: HTTP functions are public at the platform level and check their callers themselves.
resource "google_cloud_run_v2_service_iam_member" "public" {
  for_each = local.http_functions

  project  = var.project_id
  location = google_cloudfunctions2_function.function[each.key].location
  name     = google_cloudfunctions2_function.function[each.key].name
  role     = "roles/run.invoker"
  member   = "allUsers"
}

# Event functions are called by this identity and by nobody else.
resource "google_service_account" "trigger" {
  project      = var.project_id
  account_id   = "quorate-trigger"
  display_name = "Calls Quorate's event functions"

  depends_on = [google_project_service.service]
}

resource "google_cloud_run_v2_service_iam_member" "trigger" {
  for_each = local.event_functions

  project  = var.project_id
  location = google_cloudfunctions2_function.function[each.key].location
  name     = google_cloudfunctions2_function.function[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.trigger.member
}

resource "google_project_iam_member" "event_receiver" {
  project = var.project_id
  role    = "roles/eventarc.eventReceiver"
  member  = google_service_account.trigger.member
}

# Pub/Sub signs its pushes as the trigger identity; only projects from before April 2021 lack this.
resource "google_service_account_iam_member" "push_token" {
  service_account_id = google_service_account.trigger.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_project_service_identity.agent["pubsub.googleapis.com"].member
}
