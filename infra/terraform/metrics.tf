# Metrics read from the functions' log lines; docs/operate.md lists the lines and their fields.
locals {
  log_of_functions = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(\"${join("\" OR \"", keys(local.functions))}\")"

  # The five KPIs: fields of the line `sweep`, one per subnet and minute.
  kpis = {
    consensus_coverage      = { field = "coverage", title = "Consensus coverage", unit = "1", of = "share of the reported registered miners with an undisputed quorum" }
    validator_participation = { field = "participation", title = "Validator participation", unit = "1", of = "share of the eligible validators that reported within the consensus timeout" }
    conflict_rate           = { field = "conflict_rate", title = "Conflict rate", unit = "1", of = "conflicts per registered miner with a quorum, each as much as its field is heard" }
    consensus_confidence    = { field = "confidence", title = "Consensus confidence", unit = "1", of = "mean over the miners with a quorum" }
    processing_latency      = { field = "latency_ms", title = "Processing latency", unit = "ms", of = "from a report's receipt until it was visible" }
  }

  # The four health checks: true or false in the line `request` of get-health, which the uptime
  # check asks for every minute.
  health_checks = {
    validator_activity = "Validator activity"
    consensus_health   = "Consensus health"
    data_quality       = "Data quality"
    system_performance = "System performance"
  }
}

resource "google_logging_metric" "kpi" {
  for_each = local.kpis

  project         = var.project_id
  name            = "quorate/${each.key}"
  description     = "${each.value.title}: ${each.value.of}"
  filter          = "${local.log_of_functions} AND jsonPayload.message=\"sweep\" AND jsonPayload.${each.value.field}>=0"
  value_extractor = "EXTRACT(jsonPayload.${each.value.field})"

  label_extractors = {
    netuid = "EXTRACT(jsonPayload.netuid)"
  }

  metric_descriptor {
    display_name = each.value.title
    metric_kind  = "DELTA"
    value_type   = "DISTRIBUTION"
    unit         = each.value.unit

    labels {
      key         = "netuid"
      value_type  = "STRING"
      description = "The subnet"
    }
  }

  # Shares in steps of 0.02; times from 10 ms to 3 minutes.
  bucket_options {
    dynamic "linear_buckets" {
      for_each = each.value.unit == "1" ? [1] : []

      content {
        num_finite_buckets = 50
        offset             = 0
        width              = 0.02
      }
    }

    dynamic "exponential_buckets" {
      for_each = each.value.unit == "ms" ? [1] : []

      content {
        num_finite_buckets = 40
        growth_factor      = 1.28
        scale              = 10
      }
    }
  }

  depends_on = [google_project_service.service]
}

resource "google_logging_metric" "health" {
  for_each = local.health_checks

  project     = var.project_id
  name        = "quorate/health/${each.key}"
  description = "Health check: ${each.value}"
  filter      = "${local.log_of_functions} AND jsonPayload.message=\"request\" AND jsonPayload.function=\"get-health\" AND jsonPayload.${each.key}:*"

  label_extractors = {
    netuid  = "EXTRACT(jsonPayload.netuid)"
    healthy = "EXTRACT(jsonPayload.${each.key})"
  }

  metric_descriptor {
    display_name = each.value
    metric_kind  = "DELTA"
    value_type   = "INT64"

    labels {
      key         = "netuid"
      value_type  = "STRING"
      description = "The subnet"
    }

    labels {
      key         = "healthy"
      value_type  = "STRING"
      description = "true or false"
    }
  }

  depends_on = [google_project_service.service]
}

# Snapshots saved, by subnet: when they stop, the consensus grows old.
resource "google_logging_metric" "snapshots" {
  project     = var.project_id
  name        = "quorate/snapshots"
  description = "Snapshots saved"
  filter      = "${local.log_of_functions} AND jsonPayload.message=(\"sweep\" OR \"recompute\") AND jsonPayload.outcome=\"recomputed\""

  label_extractors = {
    netuid = "EXTRACT(jsonPayload.netuid)"
  }

  metric_descriptor {
    display_name = "Snapshots saved"
    metric_kind  = "DELTA"
    value_type   = "INT64"

    labels {
      key         = "netuid"
      value_type  = "STRING"
      description = "The subnet"
    }
  }

  depends_on = [google_project_service.service]
}
