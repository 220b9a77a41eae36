resource "google_cloud_scheduler_job" "job" {
  for_each = { for topic in toset(values(local.topics)) : topic => var.schedules[topic] if contains(keys(var.schedules), topic) }

  project     = var.project_id
  region      = local.region
  name        = each.key
  description = "Publishes to the topic ${each.key}"
  schedule    = each.value
  time_zone   = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.trigger[each.key].id
    data       = base64encode("{}") # a push without data is refused by functions-framework
  }
}
