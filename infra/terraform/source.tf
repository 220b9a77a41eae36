locals {
  # What is deployed, and nothing else; `make package` reads the same list.
  source_patterns = jsondecode(file("${path.module}/source.json"))
  source_files    = sort(flatten([for pattern in local.source_patterns : tolist(fileset(local.repository, pattern))]))
}

data "archive_file" "source" {
  type             = "zip"
  output_path      = "${path.root}/.terraform/quorate-functions.zip"
  output_file_mode = "0644"

  dynamic "source" {
    for_each = local.source_files

    content {
      filename = source.value
      content  = file("${local.repository}/${source.value}")
    }
  }
}

resource "google_storage_bucket" "source" {
  # checkov:skip=CKV_GCP_62:public code, readable by the build alone; Cloud Audit Logs cover changes
  project                     = var.project_id
  name                        = "${var.project_id}-quorate-source"
  location                    = local.region
  labels                      = var.labels
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # the repository has every version of it

  versioning {
    enabled = true
  }

  lifecycle_rule {
    condition {
      days_since_noncurrent_time = 90
    }
    action {
      type = "Delete"
    }
  }

  depends_on = [google_project_service.service]
}

# The name carries the content's hash: a function is built again exactly when its code changed.
resource "google_storage_bucket_object" "source" {
  bucket       = google_storage_bucket.source.name
  name         = "functions-${data.archive_file.source.output_md5}.zip"
  source       = data.archive_file.source.output_path
  content_type = "application/zip"

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_artifact_registry_repository" "images" {
  project       = var.project_id
  location      = local.region
  repository_id = "quorate-functions"
  description   = "Images of the functions, built by Cloud Functions"
  format        = "DOCKER"
  labels        = var.labels

  cleanup_policies {
    id     = "keep-the-last-few"
    action = "KEEP"
    most_recent_versions {
      keep_count = 3
    }
  }

  cleanup_policies {
    id     = "drop-the-rest"
    action = "DELETE"
    condition {
      older_than = "604800s"
    }
  }

  depends_on = [google_project_service.service]
}

resource "google_service_account" "build" {
  project      = var.project_id
  account_id   = "quorate-build"
  display_name = "Builds the functions' images"

  depends_on = [google_project_service.service]
}

# Reads the source that Cloud Functions uploaded, writes the image and the build's log.
resource "google_project_iam_member" "build" {
  for_each = toset(["roles/logging.logWriter", "roles/storage.objectViewer"])

  project = var.project_id
  role    = each.value
  member  = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "build" {
  project    = var.project_id
  location   = local.region
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}
