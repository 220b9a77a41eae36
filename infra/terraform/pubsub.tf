locals {
  # function id → the topic that calls it
  topics = { for id, it in local.pubsub_functions : id => it.eventTrigger.eventFilters.topic }
}

resource "google_pubsub_topic" "trigger" {
  for_each = toset(values(local.topics))

  project = var.project_id
  name    = each.value
  labels  = var.labels

  depends_on = [google_project_service.service]
}

# The function gets the message as a CloudEvent: functions-framework converts a push, and takes the
# topic's name from the path.
resource "google_pubsub_subscription" "push" {
  for_each = local.topics

  project                    = var.project_id
  name                       = each.key
  topic                      = google_pubsub_topic.trigger[each.value].id
  labels                     = var.labels
  ack_deadline_seconds       = min(600, local.functions[each.key].timeoutSeconds + 10)
  message_retention_duration = "600s" # the next tick makes an older one pointless

  push_config {
    push_endpoint = "${google_cloudfunctions2_function.function[each.key].service_config[0].uri}/${google_pubsub_topic.trigger[each.value].id}"

    oidc_token {
      service_account_email = google_service_account.trigger.email
      audience              = google_cloudfunctions2_function.function[each.key].service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "60s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letters.id
    max_delivery_attempts = 5
  }

  expiration_policy {
    ttl = "" # never
  }

  depends_on = [google_cloud_run_v2_service_iam_member.trigger, google_service_account_iam_member.push_token]
}

# What failed five times, kept a week for people to look at.
resource "google_pubsub_topic" "dead_letters" {
  project = var.project_id
  name    = "dead-letters"
  labels  = var.labels

  depends_on = [google_project_service.service]
}

resource "google_pubsub_subscription" "dead_letters" {
  project                    = var.project_id
  name                       = "dead-letters"
  topic                      = google_pubsub_topic.dead_letters.id
  labels                     = var.labels
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "dead_letters" {
  project = var.project_id
  topic   = google_pubsub_topic.dead_letters.name
  role    = "roles/pubsub.publisher"
  member  = google_project_service_identity.agent["pubsub.googleapis.com"].member
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  for_each = local.topics

  project      = var.project_id
  subscription = google_pubsub_subscription.push[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = google_project_service_identity.agent["pubsub.googleapis.com"].member
}

# What changed, for anyone who subscribes.
resource "google_pubsub_topic" "consensus_updates" {
  project = var.project_id
  name    = "consensus-updates"
  labels  = var.labels

  depends_on = [google_project_service.service]
}

resource "google_pubsub_topic_iam_member" "consensus_updates" {
  for_each = toset(["recompute-consensus", "sweep-timeouts"]) # those that save snapshots

  project = var.project_id
  topic   = google_pubsub_topic.consensus_updates.name
  role    = "roles/pubsub.publisher"
  member  = google_service_account.function[each.key].member
}
