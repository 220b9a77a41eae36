locals {
  # One row per question: is the consensus good, is it healthy, who calls, what fails.
  tiles = concat(
    [
      for name, kpi in local.kpis : {
        title = "${kpi.title}: ${kpi.of}"
        series = [{
          filter  = format(local.kpi, name)
          aligner = "ALIGN_PERCENTILE_50"
          reducer = "REDUCE_MEAN"
          by      = ["metric.label.netuid"]
        }]
      }
    ],
    [
      for name, title in local.health_checks : {
        title = "Health: ${title}"
        stack = true
        series = [{
          filter  = format(local.kpi, "health/${name}")
          aligner = "ALIGN_DELTA"
          reducer = "REDUCE_SUM"
          by      = ["metric.label.healthy"]
        }]
      }
    ],
    [
      {
        title  = "Snapshots saved a minute, by subnet"
        series = [{ filter = format(local.kpi, "snapshots"), aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.netuid"] }]
      },
      {
        title  = "Requests a second, by function"
        series = [{ filter = format(local.run, "request_count", local.answer), aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["resource.label.service_name"] }]
      },
      {
        title  = "Answers by class"
        stack  = true
        series = [{ filter = format(local.run, "request_count", local.answer), aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["metric.label.response_code_class"] }]
      },
      {
        title  = "95th percentile of answers, ms"
        series = [{ filter = format(local.run, "request_latencies", local.answer), aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", by = ["resource.label.service_name"] }]
      },
      {
        title  = "Events a second, by function and class"
        series = [{ filter = format(local.run, "request_count", local.event), aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["resource.label.service_name", "metric.label.response_code_class"] }]
      },
      {
        title  = "Dead letters"
        series = [{ filter = local.alerts["dead-letters"].filter, aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = [] }]
      },
      {
        title  = "Instances, by function"
        series = [{ filter = format(local.run, "container/instance_count", "one_of(\"${join("\",\"", keys(local.functions))}\")"), aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.label.service_name"] }]
      },
      {
        title = "Firestore operations a second"
        series = [
          for operation in ["read", "write", "delete"] : {
            filter  = "resource.type=\"firestore.googleapis.com/Database\" AND metric.type=\"firestore.googleapis.com/document/${operation}_ops_count\""
            aligner = "ALIGN_RATE"
            reducer = "REDUCE_SUM"
            by      = []
          }
        ]
      },
    ],
  )
}

resource "google_monitoring_dashboard" "quorate" {
  project = var.project_id

  dashboard_json = jsonencode({
    displayName = "Quorate"
    mosaicLayout = {
      columns = 48
      tiles = [
        for i, tile in local.tiles : {
          xPos   = (i % 3) * 16
          yPos   = floor(i / 3) * 16
          width  = 16
          height = 16
          widget = {
            title = tile.title
            xyChart = {
              dataSets = [
                for series in tile.series : {
                  plotType = try(tile.stack, false) ? "STACKED_AREA" : "LINE"
                  timeSeriesQuery = {
                    timeSeriesFilter = {
                      filter = series.filter
                      aggregation = {
                        alignmentPeriod    = "60s"
                        perSeriesAligner   = series.aligner
                        crossSeriesReducer = series.reducer
                        groupByFields      = series.by
                      }
                    }
                  }
                }
              ]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_logging_metric.kpi, google_logging_metric.health, google_logging_metric.snapshots]
}
