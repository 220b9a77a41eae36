# What is seen, and who is woken.
mock_provider "google" {}
mock_provider "google-beta" {}

variables {
  project_id          = "quorate-test"
  notification_emails = ["ops@example.org"]
}

run "dashboard" {
  assert {
    condition     = length(google_logging_metric.kpi) == 5 && length(google_logging_metric.health) == 4
    error_message = "Five KPIs and four health checks are measured."
  }

  assert {
    condition = alltrue([
      for name in concat(values(google_logging_metric.kpi)[*].name, values(google_logging_metric.health)[*].name) :
      strcontains(google_monitoring_dashboard.quorate.dashboard_json, "logging.googleapis.com/user/${name}\\\"")
    ])
    error_message = "The dashboard shows all of them."
  }
}

run "alerts" {
  assert {
    condition = toset(keys(google_monitoring_alert_policy.alert)) == toset([
      "recompute-age", "trigger-errors", "dead-letters", "conflict-rate", "validators-silent", "server-errors", "latency", "health",
    ])
    error_message = "Each reason to wake somebody has its policy."
  }

  assert {
    condition     = alltrue([for it in google_monitoring_alert_policy.alert : length(it.notification_channels) == 1])
    error_message = "Each alert is sent to everybody named."
  }

  assert {
    condition     = alltrue([for id, it in google_monitoring_alert_policy.alert : it.documentation[0].content == file("../../docs/runbooks/${id}.md")])
    error_message = "Each alert carries its runbook."
  }

  assert {
    condition     = length(google_monitoring_alert_policy.alert["recompute-age"].conditions[0].condition_absent) == 1
    error_message = "Missing snapshots are noticed by their absence."
  }

  assert {
    condition     = !strcontains(google_monitoring_alert_policy.alert["server-errors"].conditions[0].condition_threshold[0].denominator_filter, "get-health")
    error_message = "A failing health check wakes nobody twice."
  }

  assert {
    condition     = google_monitoring_uptime_check_config.health["1"].http_check[0].validate_ssl && google_monitoring_uptime_check_config.health["1"].http_check[0].accepted_response_status_codes[0].status_value == 200
    error_message = "The health of each subnet is asked for from outside."
  }

  assert {
    condition     = length(google_billing_budget.month) == 0
    error_message = "Without a billing account there is no budget."
  }
}

run "budget" {
  variables {
    billing_account = "0A1B2C-3D4E5F-678901"
    budget          = 40
  }

  assert {
    condition     = google_billing_budget.month[0].amount[0].specified_amount[0].units == "40" && length(google_billing_budget.month[0].all_updates_rule[0].monitoring_notification_channels) == 1
    error_message = "The budget tells the same people."
  }
}

run "history" {
  variables {
    history = true
  }

  assert {
    condition     = google_pubsub_subscription.history[0].topic == google_pubsub_topic.consensus_updates.id && google_pubsub_subscription.history[0].bigquery_config[0].write_metadata
    error_message = "Every update goes to BigQuery, with its time."
  }

  assert {
    condition     = google_bigquery_table.consensus_updates[0].time_partitioning[0].field == "publish_time"
    error_message = "History is partitioned by day."
  }
}
