# Every consensus update in BigQuery, for whoever wants to look back further than the rounds do.
resource "google_bigquery_dataset" "history" {
  count = var.history ? 1 : 0

  project                         = var.project_id
  dataset_id                      = "quorate"
  location                        = local.region
  labels                          = var.labels
  default_partition_expiration_ms = var.history_days * 86400000

  depends_on = [google_project_service.service]
}

resource "google_bigquery_table" "consensus_updates" {
  count = var.history ? 1 : 0

  project             = var.project_id
  dataset_id          = google_bigquery_dataset.history[0].dataset_id
  table_id            = "consensus_updates"
  labels              = var.labels
  deletion_protection = var.delete_protection

  time_partitioning {
    type  = "DAY"
    field = "publish_time"
  }

  # The columns that Pub/Sub writes with `write_metadata`.
  schema = jsonencode([
    { name = "subscription_name", type = "STRING", mode = "NULLABLE" },
    { name = "message_id", type = "STRING", mode = "NULLABLE" },
    { name = "publish_time", type = "TIMESTAMP", mode = "NULLABLE" },
    { name = "data", type = "JSON", mode = "NULLABLE" },
    { name = "attributes", type = "JSON", mode = "NULLABLE" },
  ])
}

resource "google_bigquery_table_iam_member" "history" {
  count = var.history ? 1 : 0

  project    = var.project_id
  dataset_id = google_bigquery_table.consensus_updates[0].dataset_id
  table_id   = google_bigquery_table.consensus_updates[0].table_id
  role       = "roles/bigquery.dataEditor"
  member     = google_project_service_identity.agent["pubsub.googleapis.com"].member
}

resource "google_pubsub_subscription" "history" {
  count = var.history ? 1 : 0

  project = var.project_id
  name    = "consensus-updates-history"
  topic   = google_pubsub_topic.consensus_updates.id
  labels  = var.labels

  bigquery_config {
    table          = "${var.project_id}.${google_bigquery_table.consensus_updates[0].dataset_id}.${google_bigquery_table.consensus_updates[0].table_id}"
    write_metadata = true
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letters.id
    max_delivery_attempts = 5
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [google_bigquery_table_iam_member.history]
}

resource "google_pubsub_subscription_iam_member" "history_dead_letters" {
  count = var.history ? 1 : 0

  project      = var.project_id
  subscription = google_pubsub_subscription.history[0].name
  role         = "roles/pubsub.subscriber"
  member       = google_project_service_identity.agent["pubsub.googleapis.com"].member
}
