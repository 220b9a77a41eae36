# One subnet, everything at its default.
terraform {
  required_version = ">= 1.9"
}

variable "project_id" {
  description = "Id of an existing project with billing."
  type        = string
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
}

output "function_urls" {
  description = "URL of each HTTP function."
  value       = module.quorate.function_urls
}

output "dashboard_url" {
  description = "The operator's dashboard."
  value       = module.quorate.dashboard_url
}
