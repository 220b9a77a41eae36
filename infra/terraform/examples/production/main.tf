# Two subnets, signatures bound to us, keys for the proxy and an auditor, alerts, a budget, history.
# Keep its state in a bucket: put `terraform { backend "gcs" { bucket = "…" } }` beside it.
terraform {
  required_version = ">= 1.9"
}

variable "project_id" {
  description = "Id of an existing project with billing."
  type        = string
}

variable "billing_account" {
  description = "Billing account of the budget, such as 0A1B2C-3D4E5F-678901."
  type        = string
}

variable "receiver_hotkey" {
  description = "Hotkey to which validators address their reports."
  type        = string
}

variable "api_keys" {
  description = "Digests of the API keys, by name."
  type        = map(object({ sha256 = string, scopes = set(string) }))
}

variable "notification_emails" {
  description = "Who is told."
  type        = set(string)
}

provider "google" {
  project               = var.project_id
  user_project_override = true
  billing_project       = var.project_id
}

provider "google-beta" {
  project               = var.project_id
  user_project_override = true
  billing_project       = var.project_id
}

module "quorate" {
  source = "../.."

  project_id = var.project_id
  labels     = { app = "quorate", environment = "production" }

  netuids         = [15, 19]
  receiver_hotkey = var.receiver_hotkey
  read_access     = "public"
  api_keys        = var.api_keys
  policy          = { min_validator_stake = 10000, min_stake_share = 0.2 }
  registry        = { "15" = jsondecode(file("${path.module}/registry-15.json")).neurons }
  chain_endpoints = ["https://entrypoint-finney.opentensor.ai"] # the registry follows the chain

  min_instances         = { submit-miner-status = 1 } # no cold start for validators
  backup_retention_days = 14
  history               = true

  notification_emails = var.notification_emails
  alert_thresholds    = { validator_participation = 0.66 }
  billing_account     = var.billing_account
  budget              = 60
}

output "function_urls" {
  description = "URL of each HTTP function."
  value       = module.quorate.function_urls
}

output "hosting_url" {
  description = "Where the public paths answer after `firebase deploy --only hosting`."
  value       = module.quorate.hosting_url
}

output "dashboard_url" {
  description = "The operator's dashboard."
  value       = module.quorate.dashboard_url
}
