locals {
  # Without an endpoint of the chain a sync has nothing to do.
  idle_topics = length(var.chain_endpoints) > 0 ? [] : ["metagraph-syncs"]
}

resource "google_cloud_scheduler_job" "job" {
  for_each = {
    for topic in setsubtract(values(local.topics), local.idle_topics) :
    topic => var.schedules[topic] if contains(keys(var.schedules), topic)
  }

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
