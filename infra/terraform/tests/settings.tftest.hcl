# Variables become settings, and bad ones are refused before anything is made.
mock_provider "google" {}
mock_provider "google-beta" {}

variables {
  project_id = "quorate-test"
}

run "settings" {
  variables {
    netuids         = [15, 19]
    receiver_hotkey = "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu"
    read_access     = "key"
    policy          = { consensus_timeout = 600 }
    api_keys        = { proxy = { sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", scopes = ["read", "dispatch"] } }
  }

  assert {
    condition = alltrue([
      for it in google_cloudfunctions2_function.function : alltrue([
        it.service_config[0].environment_variables["NETUIDS"] == "15,19",
        it.service_config[0].environment_variables["READ_ACCESS"] == "key",
        it.service_config[0].environment_variables["RECEIVER_HOTKEY"] == "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
        it.service_config[0].environment_variables["CONSENSUS_TIMEOUT"] == "600",
      ])
    ])
    error_message = "All functions have the same settings, under their upper-case names."
  }

  assert {
    condition     = jsondecode(google_secret_manager_secret_version.api_keys.secret_data) == [{ name = "proxy", scopes = ["dispatch", "read"], sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae" }]
    error_message = "Keys are kept as digests with their scopes."
  }

  assert {
    condition     = google_cloudfunctions2_function.function["get-health"].service_config[0].secret_environment_variables[0].version == google_secret_manager_secret_version.api_keys.version
    error_message = "A changed list of keys rolls the functions over."
  }
}

run "no_receiver_by_default" {
  assert {
    condition     = !contains(keys(google_cloudfunctions2_function.function["submit-miner-status"].service_config[0].environment_variables), "RECEIVER_HOTKEY")
    error_message = "An unset hotkey is not an empty one."
  }
}

run "an_unknown_policy_number_is_refused" {
  command = plan
  variables {
    policy = { consensus_timeuot = 600 }
  }
  expect_failures = [var.policy]
}

run "a_key_instead_of_its_digest_is_refused" {
  command = plan
  variables {
    api_keys = { proxy = { sha256 = "secret", scopes = ["read"] } }
  }
  expect_failures = [var.api_keys]
}

run "an_unknown_scope_is_refused" {
  command = plan
  variables {
    api_keys = { proxy = { sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", scopes = ["write"] } }
  }
  expect_failures = [var.api_keys]
}

run "a_subnet_named_twice_is_refused" {
  command = plan
  variables {
    netuids = [1, 1]
  }
  expect_failures = [var.netuids]
}

run "a_registry_of_a_foreign_subnet_is_refused" {
  command = plan
  variables {
    registry = { "2" = [] }
  }
  expect_failures = [var.registry]
}

run "warm_instances_of_an_unknown_function_are_refused" {
  command = plan
  variables {
    min_instances = { submit = 1 }
  }
  expect_failures = [var.min_instances]
}

run "other_bad_values_are_refused" {
  command = plan
  variables {
    project_id            = "Quorate"
    receiver_hotkey       = "0xabc"
    read_access           = "nobody"
    rate_limit_per_minute = 0
    max_nonce_age         = 0
    log_level             = "loud"
    backup_retention_days = 99
    history_days          = 0
    notification_emails   = ["somebody"]
    alert_thresholds      = { recompute_age_seconds = 61, conflict_rate = 1 }
    billing_account       = "mine"
    budget                = 0
  }
  expect_failures = [
    var.project_id, var.receiver_hotkey, var.read_access, var.rate_limit_per_minute, var.max_nonce_age, var.log_level,
    var.backup_retention_days, var.history_days, var.notification_emails, var.alert_thresholds, var.billing_account, var.budget,
  ]
}

run "an_endpoint_that_is_no_http_url_is_refused" {
  command = plan
  variables {
    chain_endpoints = ["wss://entrypoint.example:443"]
  }
  expect_failures = [var.chain_endpoints]
}
