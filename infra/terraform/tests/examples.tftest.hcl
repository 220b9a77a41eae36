# The examples of docs/deploy.md work as they stand.
mock_provider "google" {}
mock_provider "google-beta" {}

variables {
  project_id          = "quorate-test"
  billing_account     = "0A1B2C-3D4E5F-678901"
  receiver_hotkey     = "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"
  api_keys            = { proxy = { sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", scopes = ["read", "dispatch"] } }
  notification_emails = ["ops@example.org"]
}

run "minimal" {
  module {
    source = "./examples/minimal"
  }

  assert {
    condition     = contains(keys(output.function_urls), "submit-miner-status")
    error_message = "The minimal example names the functions' URLs."
  }
}

run "production" {
  module {
    source = "./examples/production"
  }

  assert {
    condition     = output.hosting_url == "https://quorate-test.web.app"
    error_message = "The production example names the public address."
  }
}
