output "function_urls" {
  description = "URL of each HTTP function, by function id; the public paths of firebase.json lead to the same functions."
  value       = { for id in keys(local.http_functions) : id => google_cloudfunctions2_function.function[id].service_config[0].uri }
}

output "hosting_url" {
  description = "Where the dashboard and the public paths answer after `firebase deploy --only hosting`; null without hosting."
  value       = var.hosting ? "https://${var.project_id}.web.app" : null
}

output "region" {
  description = "Where the functions and the database live: the region of functions.yaml."
  value       = local.region
}

output "service_accounts" {
  description = "Identity of each function, by function id."
  value       = { for id, account in google_service_account.function : id => account.email }
}

output "topics" {
  description = "Pub/Sub topics: one per scheduled function, `consensus-updates` and `dead-letters`."
  value = merge(
    { for topic in google_pubsub_topic.trigger : topic.name => topic.id },
    { for topic in [google_pubsub_topic.consensus_updates, google_pubsub_topic.dead_letters] : topic.name => topic.id },
  )
}

output "source_object" {
  description = "The deployed source, by its hash."
  value       = "gs://${google_storage_bucket_object.source.bucket}/${google_storage_bucket_object.source.name}"
}

output "dashboard_url" {
  description = "The operator's dashboard in Cloud Monitoring."
  value       = "https://console.cloud.google.com/monitoring/dashboards/builder/${element(split("/", google_monitoring_dashboard.quorate.id), -1)}?project=${var.project_id}"
}
