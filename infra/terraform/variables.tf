# Where it runs

variable "project_id" {
  description = "Id of the Google Cloud project, existing and with billing; everything else is made here."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must have 6 to 30 lowercase letters, digits and hyphens, and start with a letter."
  }
}

variable "labels" {
  description = "Labels on everything that can carry them, for the bill."
  type        = map(string)
  default     = { app = "quorate" }
  nullable    = false
}

# What the subnet's operators decide; every function sees it as environment variables

variable "netuids" {
  description = "Subnets served by this deployment; the first one is the default of `?netuid=`."
  type        = list(number)
  default     = [1]
  nullable    = false

  validation {
    condition     = length(var.netuids) > 0 && length(distinct(var.netuids)) == length(var.netuids)
    error_message = "netuids must name at least one subnet, and none twice."
  }

  validation {
    condition     = alltrue([for netuid in var.netuids : netuid >= 0 && netuid <= 65535 && floor(netuid) == netuid])
    error_message = "netuids must be whole numbers from 0 to 65535."
  }
}

variable "receiver_hotkey" {
  description = "The ss58 hotkey to which validators must address their signatures. Set it in production: with null, a report that another installation of Quorate received within the last two minutes can be sent here too."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^5[1-9A-HJ-NP-Za-km-z]{47}$", coalesce(var.receiver_hotkey, "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu")))
    error_message = "receiver_hotkey must be an ss58 address of Bittensor: 48 base58 characters, the first of them 5."
  }
}

variable "read_access" {
  description = "Who may read consensus: `public` or `key` (holders of an API key with the scope read)."
  type        = string
  default     = "public"
  nullable    = false

  validation {
    condition     = contains(["public", "key"], var.read_access)
    error_message = "read_access must be public or key."
  }
}

variable "rate_limit_per_minute" {
  description = "Reports a minute that one validator may send."
  type        = number
  default     = 12
  nullable    = false

  validation {
    condition     = var.rate_limit_per_minute >= 1 && var.rate_limit_per_minute <= 600 && floor(var.rate_limit_per_minute) == var.rate_limit_per_minute
    error_message = "rate_limit_per_minute must be a whole number from 1 to 600."
  }
}

variable "max_nonce_age" {
  description = "Seconds after which a signed request is stale."
  type        = number
  default     = 120
  nullable    = false

  validation {
    condition     = var.max_nonce_age > 0 && var.max_nonce_age <= 3600
    error_message = "max_nonce_age must lie above 0 and up to 3600 seconds."
  }
}

variable "log_level" {
  description = "Least severity that the functions log: debug, info, warning or error. The KPIs on the dashboard and their alerts need info."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["debug", "info", "warning", "error"], var.log_level)
    error_message = "log_level must be debug, info, warning or error."
  }
}

variable "policy" {
  description = "Policy numbers that differ from their defaults, by their names in docs/settings.md in lower case, such as { consensus_timeout = 600 }."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.policy), local.policy_names)) == 0
    error_message = "Unknown policy numbers: ${join(", ", setsubtract(keys(var.policy), local.policy_names))}. Known: ${join(", ", local.policy_names)}."
  }
}

variable "api_keys" {
  description = "API keys by name: the SHA-256 of the key in lowercase hex (never the key itself) and its scopes, of read, dispatch and audit."
  type        = map(object({ sha256 = string, scopes = set(string) }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in values(var.api_keys) : can(regex("^[0-9a-f]{64}$", key.sha256))])
    error_message = "api_keys: sha256 must be 64 lowercase hex digits, as of `printf %s KEY | sha256sum`."
  }

  validation {
    condition     = alltrue([for key in values(var.api_keys) : length(key.scopes) > 0 && length(setsubtract(key.scopes, ["read", "dispatch", "audit"])) == 0])
    error_message = "api_keys: scopes must be one or more of read, dispatch and audit."
  }
}

variable "registry" {
  description = "First registry of each subnet, by netuid: the neurons of the metagraph. Written once; a later apply never undoes a sync or an import."
  type = map(list(object({
    uid                   = number
    hotkey                = string
    stake                 = number
    coldkey               = optional(string)
    validator_permit      = optional(bool, false)
    block_at_registration = optional(number)
    axon                  = optional(string)
  })))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.registry), [for netuid in var.netuids : tostring(netuid)])) == 0
    error_message = "registry: every netuid must be one of netuids."
  }

  validation {
    condition = alltrue([
      for neurons in values(var.registry) :
      length(distinct(neurons[*].uid)) == length(neurons) && length(distinct(neurons[*].hotkey)) == length(neurons)
    ])
    error_message = "registry: no uid and no hotkey may stand twice in a subnet."
  }

  validation {
    condition = alltrue(flatten([
      for neurons in values(var.registry) : [
        for neuron in neurons : neuron.axon == null || can(regex("^\\[?[0-9a-fA-F.:]+\\]?:[0-9]{1,5}$", neuron.axon))
      ]
    ]))
    error_message = "registry: axon must be ip:port, such as 203.0.113.9:8091 or [2001:db8::9]:8091."
  }
}

variable "chain_endpoints" {
  description = "URLs of the chain's JSON-RPC from which the registry is synced, asked in this order; empty: the registry is kept by imports alone, and no sync is scheduled."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for url in var.chain_endpoints : can(regex("^https?://[^\\s,]+$", url))])
    error_message = "chain_endpoints must be http or https URLs; a websocket's URL begins with https here."
  }
}

variable "schedules" {
  description = "Cron expression (UTC) by Pub/Sub topic of functions.yaml; a topic that is not named here is not scheduled."
  type        = map(string)
  default = {
    timeout-sweeps  = "* * * * *"
    metagraph-syncs = "*/10 * * * *"
  }
  nullable = false
}

variable "min_instances" {
  description = "Instances kept warm, by function id; each costs money around the clock."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.min_instances), keys(local.functions))) == 0
    error_message = "min_instances: every key must be a function of functions.yaml."
  }
}

# What protects the data

variable "delete_protection" {
  description = "Whether the database refuses to be deleted, by Terraform too."
  type        = bool
  default     = true
  nullable    = false
}

variable "point_in_time_recovery" {
  description = "Whether any minute of the last 7 days can be read back; costs about as much as the stored data."
  type        = bool
  default     = true
  nullable    = false
}

variable "backup_retention_days" {
  description = "Days for which a daily backup is kept, 1 to 98; 0 makes none."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.backup_retention_days >= 0 && var.backup_retention_days <= 98 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "backup_retention_days must be a whole number from 0 to 98."
  }
}

# What is optional

variable "history" {
  description = "Whether every consensus update is kept in BigQuery."
  type        = bool
  default     = false
  nullable    = false
}

variable "history_days" {
  description = "Days for which history is kept in BigQuery."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = var.history_days >= 1
    error_message = "history_days must be at least 1."
  }
}

variable "hosting" {
  description = "Whether to make the project a Firebase project, so that `firebase deploy --only hosting` can follow. This cannot be undone."
  type        = bool
  default     = true
  nullable    = false
}
