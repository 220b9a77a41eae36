# Everything that the repository already says is read from it: nothing is listed twice.
locals {
  repository = abspath("${path.module}/../..")

  functions = yamldecode(file("${local.repository}/functions.yaml")).endpoints
  firebase  = jsondecode(file("${local.repository}/firebase.json"))
  firestore = jsondecode(file("${local.repository}/firestore.indexes.json"))

  http_functions      = { for id, it in local.functions : id => it if can(it.httpsTrigger) }
  event_functions     = { for id, it in local.functions : id => it if can(it.eventTrigger) }
  firestore_functions = { for id, it in local.event_functions : id => it if startswith(it.eventTrigger.eventType, "google.cloud.firestore.") }
  pubsub_functions    = { for id, it in local.event_functions : id => it if startswith(it.eventTrigger.eventType, "google.cloud.pubsub.") }

  # One region for all: an event trigger lives where the database lives.
  regions = distinct(flatten([for it in values(local.functions) : it.region]))
  region  = local.regions[0]

  policy_files = [for name in ["robustness", "policy"] : file("${local.repository}/shared/domain/${name}.py")]
  policy_names = flatten([for text in local.policy_files : regexall("(?m)^    ([a-z_]+): .+ = ", text)])

  settings = merge(
    {
      GOOGLE_CLOUD_PROJECT  = var.project_id
      GCLOUD_PROJECT        = var.project_id # under this name it links log lines to traces
      NETUIDS               = join(",", var.netuids)
      READ_ACCESS           = var.read_access
      RATE_LIMIT_PER_MINUTE = tostring(var.rate_limit_per_minute)
      MAX_NONCE_AGE         = tostring(var.max_nonce_age)
      LOG_LEVEL             = var.log_level
    },
    length(var.chain_endpoints) == 0 ? {} : { CHAIN_ENDPOINTS = join(",", var.chain_endpoints) },
    var.receiver_hotkey == null ? {} : { RECEIVER_HOTKEY = var.receiver_hotkey },
    { for name, value in var.policy : upper(name) => value },
  )
}
