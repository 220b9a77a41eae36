locals {
  kpi    = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/quorate/%s\""
  run    = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/%s\" AND resource.labels.service_name=%s"
  answer = "one_of(\"${join("\",\"", keys(local.http_functions))}\")"
  # A failing health check answers 503 on purpose and has an alert of its own.
  answer_but_health = "one_of(\"${join("\",\"", [for id in keys(local.http_functions) : id if id != "get-health"])}\")"

  event = "one_of(\"${join("\",\"", keys(local.event_functions))}\")"

  # Key = the runbook's name in docs/runbooks/. `seconds` is how long it must last.
  alerts = {
    recompute-age = {
      title    = "The consensus grows old: no snapshot was saved"
      severity = "CRITICAL"
      filter   = format(local.kpi, "snapshots")
      seconds  = var.alert_thresholds.recompute_age_seconds
      absent   = true
      aligner  = "ALIGN_DELTA"
      reducer  = "REDUCE_SUM"
    }
    trigger-errors = {
      title     = "Event functions fail"
      severity  = "ERROR"
      filter    = "${format(local.run, "request_count", local.event)} AND metric.labels.response_code_class!=\"2xx\""
      seconds   = 300
      threshold = 0.1 # a second: more than a retry here and there
      aligner   = "ALIGN_RATE"
      reducer   = "REDUCE_SUM"
    }
    dead-letters = {
      title     = "Messages were given up"
      severity  = "ERROR"
      filter    = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"${google_pubsub_subscription.dead_letters.name}\" AND metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      seconds   = 0
      threshold = 0
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_MAX"
    }
    conflict-rate = {
      title     = "Validators contradict each other"
      severity  = "WARNING"
      filter    = format(local.kpi, "conflict_rate")
      seconds   = 600
      threshold = var.alert_thresholds.conflict_rate
      aligner   = "ALIGN_PERCENTILE_50"
      reducer   = "REDUCE_MAX"
    }
    validators-silent = {
      title     = "Validators are silent"
      severity  = "WARNING"
      filter    = format(local.kpi, "validator_participation")
      seconds   = 900
      threshold = var.alert_thresholds.validator_participation
      below     = true
      aligner   = "ALIGN_PERCENTILE_50"
      reducer   = "REDUCE_MIN"
    }
    server-errors = {
      title       = "Requests are answered with 5xx"
      severity    = "ERROR"
      filter      = "${format(local.run, "request_count", local.answer_but_health)} AND metric.labels.response_code_class=\"5xx\""
      denominator = format(local.run, "request_count", local.answer_but_health)
      seconds     = 300
      threshold   = var.alert_thresholds.server_error_rate
      aligner     = "ALIGN_RATE"
      reducer     = "REDUCE_SUM"
    }
    latency = {
      title     = "Answers are slow"
      severity  = "WARNING"
      filter    = format(local.run, "request_latencies", local.answer)
      seconds   = 600
      threshold = var.alert_thresholds.latency_seconds * 1000
      aligner   = "ALIGN_PERCENTILE_95"
      reducer   = "REDUCE_MAX"
    }
    health = {
      title     = "The health check fails"
      severity  = "CRITICAL"
      filter    = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id=one_of(\"${join("\",\"", values(google_monitoring_uptime_check_config.health)[*].uptime_check_id)}\")"
      seconds   = 300
      threshold = 0.5
      below     = true
      aligner   = "ALIGN_FRACTION_TRUE"
      reducer   = "REDUCE_MEAN"
      by        = ["metric.label.check_id"]
    }
  }
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  project               = var.project_id
  display_name          = "Quorate: ${each.value.title}"
  severity              = each.value.severity
  combiner              = "OR"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = each.value.title

    dynamic "condition_absent" {
      for_each = try(each.value.absent, false) ? [1] : []

      content {
        filter   = each.value.filter
        duration = "${each.value.seconds}s"

        aggregations {
          alignment_period     = "60s"
          per_series_aligner   = each.value.aligner
          cross_series_reducer = each.value.reducer
        }
      }
    }

    dynamic "condition_threshold" {
      for_each = try(each.value.absent, false) ? [] : [1]

      content {
        filter             = each.value.filter
        denominator_filter = try(each.value.denominator, null)
        duration           = "${each.value.seconds}s"
        comparison         = try(each.value.below, false) ? "COMPARISON_LT" : "COMPARISON_GT"
        threshold_value    = each.value.threshold

        aggregations {
          alignment_period     = "60s"
          per_series_aligner   = each.value.aligner
          cross_series_reducer = each.value.reducer
          group_by_fields      = try(each.value.by, null)
        }

        dynamic "denominator_aggregations" {
          for_each = can(each.value.denominator) ? [1] : []

          content {
            alignment_period     = "60s"
            per_series_aligner   = each.value.aligner
            cross_series_reducer = each.value.reducer
          }
        }
      }
    }
  }

  # Who is woken reads the runbook in the notification itself.
  documentation {
    subject   = "Quorate in ${var.project_id}: ${each.value.title}"
    content   = file("${local.repository}/docs/runbooks/${each.key}.md")
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "86400s"
  }

  # A policy may only name metrics that exist.
  depends_on = [google_logging_metric.kpi, google_logging_metric.snapshots]
}

resource "google_monitoring_notification_channel" "email" {
  for_each = var.notification_emails

  project      = var.project_id
  display_name = "Quorate: ${each.value}"
  type         = "email"
  user_labels  = var.labels

  labels = {
    email_address = each.value
  }

  depends_on = [google_project_service.service]
}

locals {
  channels = [for channel in google_monitoring_notification_channel.email : channel.id]
}

# 503 when one of the four health checks fails; a subnet without reports yet is 200.
resource "google_monitoring_uptime_check_config" "health" {
  for_each = toset([for netuid in var.netuids : tostring(netuid)])

  project      = var.project_id
  display_name = "Quorate health of subnet ${each.key}"
  period       = "60s"
  timeout      = "10s"

  http_check {
    path         = "/?netuid=${each.key}"
    port         = 443
    use_ssl      = true
    validate_ssl = true

    accepted_response_status_codes {
      status_value = 200
    }
  }

  monitored_resource {
    type = "uptime_url"

    labels = {
      project_id = var.project_id
      host       = trimprefix(google_cloudfunctions2_function.function["get-health"].service_config[0].uri, "https://")
    }
  }

  depends_on = [google_project_service.service]
}
