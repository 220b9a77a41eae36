# What is deployed.
mock_provider "google" {}
mock_provider "google-beta" {}

variables {
  project_id = "quorate-test"
}

run "source" {
  assert {
    condition     = length(setsubtract(["main.py", "requirements.txt", "shared/__init__.py", "functions/__init__.py"], data.archive_file.source.source[*].filename)) == 0
    error_message = "The zip has main.py, requirements.txt, functions and shared, under their paths."
  }

  assert {
    condition     = alltrue([for it in data.archive_file.source.source : can(regex("^(main\\.py|requirements\\.txt|(functions|shared)/.*\\.py)$", it.filename))])
    error_message = "Nothing else is deployed."
  }

  assert {
    condition     = strcontains(google_storage_bucket_object.source.name, data.archive_file.source.output_md5)
    error_message = "The object's name carries the hash, or changed code would not deploy."
  }

  assert {
    condition     = alltrue([for it in google_cloudfunctions2_function.function : it.build_config[0].source[0].storage_source[0].object == google_storage_bucket_object.source.name])
    error_message = "All functions come from one zip."
  }
}
