# What every function and its trigger look like.
mock_provider "google" {}
mock_provider "google-beta" {}

variables {
  project_id = "quorate-test"
}

run "functions" {
  assert {
    condition     = toset(keys(google_cloudfunctions2_function.function)) == toset(keys(yamldecode(file("../../functions.yaml")).endpoints))
    error_message = "Every function of functions.yaml is deployed, and no other."
  }

  assert {
    condition = alltrue([
      for id, it in google_cloudfunctions2_function.function :
      it.build_config[0].entry_point == replace(id, "-", "_") && it.name == id
    ])
    error_message = "A function is named like its entry point, in kebab-case."
  }

  assert {
    condition = alltrue([
      for id, it in google_cloudfunctions2_function.function :
      it.service_config[0].max_instance_request_concurrency == 1 || tonumber(it.service_config[0].available_cpu) >= 1
    ])
    error_message = "Serving several requests at once needs a whole cpu."
  }

  assert {
    condition = alltrue([
      for id, it in google_cloudfunctions2_function.function :
      it.service_config[0].environment_variables["THREADS"] == tostring(it.service_config[0].max_instance_request_concurrency)
    ])
    error_message = "A function has as many threads as the platform sends requests at a time."
  }

  assert {
    condition     = google_cloudfunctions2_function.function["recompute-consensus"].service_config[0].max_instance_count == 1
    error_message = "One instance recomputes."
  }

  assert {
    condition     = alltrue([for it in google_cloudfunctions2_function.function : it.service_config[0].all_traffic_on_latest_revision])
    error_message = "What was deployed last serves."
  }
}

run "recompute_is_triggered_by_reports" {
  assert {
    condition     = google_cloudfunctions2_function.function["recompute-consensus"].event_trigger[0].trigger_region == google_firestore_database.default.location_id
    error_message = "The trigger lives where the database lives."
  }

  assert {
    condition     = google_firestore_database.default.location_id == google_cloudfunctions2_function.function["recompute-consensus"].location
    error_message = "The database is regional, in the functions' region."
  }

  assert {
    condition     = google_cloudfunctions2_function.function["recompute-consensus"].event_trigger[0].retry_policy == "RETRY_POLICY_RETRY"
    error_message = "A failed event comes again."
  }

  assert {
    condition = contains(
      [for it in google_cloudfunctions2_function.function["recompute-consensus"].event_trigger[0].event_filters : "${it.attribute} ${coalesce(it.operator, "equals")} ${it.value}"],
      "document match-path-pattern subnets/{netuid}/validator_reports/{report}",
    )
    error_message = "The document filter is a path pattern."
  }

  assert {
    condition = contains(
      [for it in google_cloudfunctions2_function.function["recompute-consensus"].event_trigger[0].event_filters : "${it.attribute} ${it.value}"],
      "database (default)",
    )
    error_message = "The trigger watches the default database."
  }
}

run "sweep_is_pushed_with_retry_and_dead_letter" {
  assert {
    condition     = length(google_cloudfunctions2_function.function["sweep-timeouts"].event_trigger) == 0
    error_message = "An event trigger's own subscription takes no dead letter."
  }

  assert {
    condition     = google_pubsub_subscription.push["sweep-timeouts"].topic == google_pubsub_topic.trigger["timeout-sweeps"].id
    error_message = "The sweep's subscription is on its topic."
  }

  assert {
    condition     = google_pubsub_subscription.push["sweep-timeouts"].push_config[0].oidc_token[0].audience == google_cloudfunctions2_function.function["sweep-timeouts"].service_config[0].uri
    error_message = "A push is signed for the function's URL."
  }

  assert {
    condition     = endswith(google_pubsub_subscription.push["sweep-timeouts"].push_config[0].push_endpoint, "/${google_pubsub_topic.trigger["timeout-sweeps"].id}")
    error_message = "The path of a push names the topic."
  }

  assert {
    condition     = google_pubsub_subscription.push["sweep-timeouts"].dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.dead_letters.id
    error_message = "What fails too often is kept as a dead letter."
  }

  assert {
    condition     = google_pubsub_subscription.push["sweep-timeouts"].ack_deadline_seconds > google_cloudfunctions2_function.function["sweep-timeouts"].service_config[0].timeout_seconds
    error_message = "A sweep in progress is not sent again."
  }

  assert {
    condition     = google_cloud_scheduler_job.job["timeout-sweeps"].schedule == "* * * * *" && base64decode(google_cloud_scheduler_job.job["timeout-sweeps"].pubsub_target[0].data) == "{}"
    error_message = "A sweep is asked for every minute, with a body."
  }

  assert {
    condition     = length(setsubtract(values(google_pubsub_subscription.push)[*].topic, values(google_pubsub_topic.trigger)[*].id)) == 0 && length(google_pubsub_subscription_iam_member.dead_letters) == length(google_pubsub_subscription.push)
    error_message = "Pub/Sub may take undeliverable messages from every push subscription."
  }
}

run "no_sync_without_an_endpoint" {
  assert {
    condition     = !contains(keys(google_cloud_scheduler_job.job), "metagraph-syncs") && contains(keys(google_pubsub_subscription.push), "sync-metagraph")
    error_message = "A sync that has nothing to read is not asked for."
  }

  assert {
    condition     = !contains(keys(google_cloudfunctions2_function.function["sync-metagraph"].service_config[0].environment_variables), "CHAIN_ENDPOINTS")
    error_message = "No endpoint is not an empty one."
  }
}

run "sync_is_scheduled_with_an_endpoint" {
  variables {
    chain_endpoints = ["https://first.example/", "http://second.example:9933/key"]
  }

  assert {
    condition     = google_cloud_scheduler_job.job["metagraph-syncs"].schedule == "*/10 * * * *" && base64decode(google_cloud_scheduler_job.job["metagraph-syncs"].pubsub_target[0].data) == "{}"
    error_message = "A sync is asked for every ten minutes, with a body."
  }

  assert {
    condition     = google_cloudfunctions2_function.function["sync-metagraph"].service_config[0].environment_variables["CHAIN_ENDPOINTS"] == "https://first.example/,http://second.example:9933/key"
    error_message = "The endpoints are asked in the order that was given."
  }

  assert {
    condition     = google_pubsub_subscription.push["sync-metagraph"].dead_letter_policy[0].dead_letter_topic == google_pubsub_topic.dead_letters.id && google_pubsub_subscription.push["sync-metagraph"].ack_deadline_seconds > google_cloudfunctions2_function.function["sync-metagraph"].service_config[0].timeout_seconds
    error_message = "A sync in progress is not sent again, and one that fails too often is kept."
  }
}
