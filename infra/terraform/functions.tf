# Every function of functions.yaml. A function behind Pub/Sub has no event trigger here but a push
# subscription (pubsub.tf), because the subscription of an event trigger takes no dead letter.
resource "google_cloudfunctions2_function" "function" {
  for_each = local.functions

  project     = var.project_id
  location    = each.value.region[0]
  name        = each.key
  description = "Quorate: ${each.key}"
  labels      = var.labels

  build_config {
    runtime           = local.firebase.functions.runtime
    entry_point       = each.value.entryPoint
    docker_repository = google_artifact_registry_repository.images.id
    service_account   = google_service_account.build.id

    source {
      storage_source {
        bucket = google_storage_bucket_object.source.bucket
        object = google_storage_bucket_object.source.name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.function[each.key].email
    available_cpu                    = tostring(each.value.cpu)
    available_memory                 = "${each.value.availableMemoryMb}Mi"
    max_instance_request_concurrency = each.value.concurrency
    min_instance_count               = lookup(var.min_instances, each.key, 0)
    max_instance_count               = each.value.maxInstances
    timeout_seconds                  = each.value.timeoutSeconds
    ingress_settings                 = contains(keys(local.http_functions), each.key) ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision   = true

    # THREADS is functions-framework's: without it, it serves fewer at a time than the platform sends.
    environment_variables = merge(local.settings, { THREADS = tostring(each.value.concurrency) })

    dynamic "secret_environment_variables" {
      for_each = contains(keys(local.http_functions), each.key) ? [1] : []

      content {
        key        = "API_KEYS"
        project_id = var.project_id
        secret     = google_secret_manager_secret.api_keys.secret_id
        version    = google_secret_manager_secret_version.api_keys.version
      }
    }
  }

  dynamic "event_trigger" {
    for_each = contains(keys(local.firestore_functions), each.key) ? [each.value.eventTrigger] : []

    content {
      event_type            = event_trigger.value.eventType
      trigger_region        = google_firestore_database.default.location_id
      retry_policy          = event_trigger.value.retry ? "RETRY_POLICY_RETRY" : "RETRY_POLICY_DO_NOT_RETRY"
      service_account_email = google_service_account.trigger.email

      dynamic "event_filters" {
        for_each = event_trigger.value.eventFilters

        content {
          attribute = event_filters.key
          value     = event_filters.value
        }
      }

      dynamic "event_filters" {
        for_each = event_trigger.value.eventFilterPathPatterns

        content {
          attribute = event_filters.key
          value     = event_filters.value
          operator  = "match-path-pattern"
        }
      }
    }
  }

  # What a function may do is granted before its first request.
  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_firestore_index.index,
    google_project_iam_member.build,
    google_project_iam_member.eventarc_agent,
    google_project_iam_member.event_receiver,
    google_project_iam_member.firestore,
    google_secret_manager_secret_iam_member.api_keys,
  ]
}
