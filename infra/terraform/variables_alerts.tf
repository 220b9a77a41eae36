# Who is told

variable "notification_emails" {
  description = "Addresses that alerts and budget warnings go to."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.notification_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "notification_emails must be e-mail addresses."
  }
}

variable "alert_thresholds" {
  description = "When alerts fire: seconds without a snapshot, share of miners in conflict, share of eligible validators that report, seconds of the 95th percentile of answers, share of answers that are 5xx."
  type = object({
    recompute_age_seconds   = optional(number, 300)
    conflict_rate           = optional(number, 0.3)
    validator_participation = optional(number, 0.5)
    latency_seconds         = optional(number, 2)
    server_error_rate       = optional(number, 0.05)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alert_thresholds.recompute_age_seconds >= 120 && var.alert_thresholds.recompute_age_seconds % 60 == 0
    error_message = "alert_thresholds.recompute_age_seconds must be whole minutes, at least 120: the sweep comes once a minute."
  }

  validation {
    condition = alltrue([
      for share in [var.alert_thresholds.conflict_rate, var.alert_thresholds.validator_participation, var.alert_thresholds.server_error_rate] :
      share > 0 && share < 1
    ])
    error_message = "alert_thresholds: shares must lie between 0 and 1."
  }
}

variable "billing_account" {
  description = "Billing account id, for a budget; null makes none."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", coalesce(var.billing_account, "000000-000000-000000")))
    error_message = "billing_account must look like 0A1B2C-3D4E5F-678901."
  }
}

variable "budget" {
  description = "Monthly budget in whole units of the billing account's currency: half, nine tenths and all of it are reported."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.budget >= 1 && floor(var.budget) == var.budget
    error_message = "budget must be a whole number of at least 1."
  }
}
