# Who may do what.
mock_provider "google" {}
mock_provider "google-beta" {}

variables {
  project_id = "quorate-test"
}

run "identities" {
  assert {
    condition     = length(distinct(values(google_service_account.function)[*].account_id)) == length(google_cloudfunctions2_function.function)
    error_message = "Each function has its own service account."
  }

  assert {
    condition     = alltrue([for id, it in google_cloudfunctions2_function.function : it.service_config[0].service_account_email == google_service_account.function[id].email])
    error_message = "Each function runs as its own service account."
  }

  assert {
    condition     = alltrue([for it in google_project_iam_member.firestore : !contains(["roles/owner", "roles/editor", "roles/datastore.owner"], it.role)])
    error_message = "No function owns the project or the database."
  }

  assert {
    condition     = google_project_iam_member.firestore["get-network-status"].role == "roles/datastore.viewer"
    error_message = "A reader only reads."
  }

  assert {
    condition     = google_project_iam_member.firestore["submit-miner-status"].role == google_project_iam_custom_role.report_appender.id
    error_message = "Submit appends."
  }

  assert {
    condition     = !anytrue([for it in google_project_iam_custom_role.report_appender.permissions : endswith(it, ".update") || endswith(it, ".delete")])
    error_message = "Who appends can neither change nor delete."
  }

  assert {
    condition     = google_project_iam_member.firestore["sync-metagraph"].role == google_project_iam_custom_role.registry_writer.id
    error_message = "The sync writes documents that it knows by name."
  }

  assert {
    condition     = !anytrue([for it in google_project_iam_custom_role.registry_writer.permissions : endswith(it, ".delete") || endswith(it, ".list")])
    error_message = "The sync neither deletes nor looks around."
  }

  assert {
    condition     = toset(keys(google_pubsub_topic_iam_member.consensus_updates)) == toset(["recompute-consensus", "sweep-timeouts"])
    error_message = "Only those that save snapshots publish updates."
  }
}

run "invokers" {
  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.public)) == toset([for id, it in yamldecode(file("../../functions.yaml")).endpoints : id if can(it.httpsTrigger)])
    error_message = "HTTP functions, and only those, are public at the platform level."
  }

  assert {
    condition     = alltrue([for it in google_cloud_run_v2_service_iam_member.trigger : it.member == google_service_account.trigger.member])
    error_message = "Event functions are called by the trigger identity alone."
  }

  assert {
    condition     = length(setintersection(keys(google_cloud_run_v2_service_iam_member.public), keys(google_cloud_run_v2_service_iam_member.trigger))) == 0
    error_message = "No event function has a public invoker."
  }

  assert {
    condition = alltrue([
      for id, it in google_cloudfunctions2_function.function :
      it.service_config[0].ingress_settings == (contains(keys(google_cloud_run_v2_service_iam_member.public), id) ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY")
    ])
    error_message = "Event functions cannot be reached from outside."
  }

  assert {
    condition     = !contains(google_cloudfunctions2_function.function["recompute-consensus"].service_config[0].secret_environment_variables[*].key, "API_KEYS") && contains(google_cloudfunctions2_function.function["get-network-status"].service_config[0].secret_environment_variables[*].key, "API_KEYS")
    error_message = "Only functions that check keys see their digests."
  }
}
