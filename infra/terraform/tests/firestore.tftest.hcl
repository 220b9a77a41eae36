# The database, its indexes, its rules and the first registry.
mock_provider "google" {}
mock_provider "google-beta" {}

variables {
  project_id = "quorate-test"
}

run "database" {
  assert {
    condition     = google_firestore_database.default.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.default.deletion_policy == "ABANDON"
    error_message = "The database outlives a mistaken destroy."
  }

  assert {
    condition     = google_firestore_database.default.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED"
    error_message = "Any minute of the last week can be read back."
  }

  assert {
    condition     = google_firestore_backup_schedule.daily[0].retention == "604800s"
    error_message = "A backup is made every day and kept a week."
  }

  assert {
    condition     = strcontains(google_firebaserules_ruleset.firestore.source[0].files[0].content, "allow read, write: if false;") && google_firebaserules_release.firestore.name == "cloud.firestore"
    error_message = "Nobody passes the rules."
  }
}

run "indexes" {
  assert {
    condition     = length(google_firestore_index.index) == length(jsondecode(file("../../firestore.indexes.json")).indexes)
    error_message = "Every index of firestore.indexes.json is made."
  }

  assert {
    condition     = contains(keys(google_firestore_index.index), "validator_reports/hotkey:ascending/received_at:descending")
    error_message = "A validator's latest report is found by an index."
  }

  assert {
    condition     = alltrue([for name in ["validator_reports/expire_at", "rounds/expire_at"] : length(google_firestore_field.override[name].ttl_config) == 1])
    error_message = "Reports and rounds expire by themselves."
  }

  assert {
    condition     = alltrue([for name in ["validator_reports/body", "consensus/payload"] : length(google_firestore_field.override[name].index_config[0].indexes) == 0 && length(google_firestore_field.override[name].ttl_config) == 0])
    error_message = "Payloads are not indexed, and do not expire a document."
  }
}

run "no_registry_is_seeded_unasked" {
  assert {
    condition     = length(google_firestore_document.registry) == 0
    error_message = "Without a registry in the variables none is written."
  }
}

run "a_first_registry" {
  variables {
    netuids = [15]
    registry = {
      "15" = [
        { uid = 48, hotkey = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", stake = 51234.5, validator_permit = true },
        { uid = 49, hotkey = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty", stake = 1, axon = "[2001:db8::9]:8091" },
      ]
    }
  }

  assert {
    condition     = google_firestore_document.registry["15"].collection == "subnets/15/registry" && google_firestore_document.registry["15"].document_id == "current"
    error_message = "The registry stands where the functions read it."
  }

  assert {
    condition = jsondecode(jsondecode(google_firestore_document.registry["15"].fields).neurons.stringValue) == [
      { hotkey = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", stake = 51234.5, uid = 48, validator_permit = true },
      { axon = ["2001:db8::9", 8091], hotkey = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty", stake = 1, uid = 49, validator_permit = false },
    ]
    error_message = "Neurons are written as the functions read them, absent fields left out."
  }
}

run "without_protection" {
  variables {
    delete_protection      = false
    point_in_time_recovery = false
    backup_retention_days  = 0
  }

  assert {
    condition     = google_firestore_database.default.deletion_policy == "DELETE" && length(google_firestore_backup_schedule.daily) == 0
    error_message = "A trial can be destroyed without a trace."
  }
}
