# The first registry of a subnet. From then on it belongs to the metagraph sync and to imports.
resource "google_firestore_document" "registry" {
  for_each = var.registry

  project     = var.project_id
  database    = google_firestore_database.default.name
  collection  = "subnets/${each.key}/registry"
  document_id = "current"

  fields = jsonencode({
    synced_at = { timestampValue = plantimestamp() }
    neurons   = { stringValue = local.neurons[each.key] }
  })

  lifecycle {
    ignore_changes = [fields]
  }
}

locals {
  # As shared/adapters/documents.py writes them: absent fields left out, an axon as [ip, port].
  neurons = {
    for netuid, neurons in var.registry : netuid => jsonencode([
      for neuron in neurons : merge(
        { for key, value in neuron : key => value if value != null && key != "axon" },
        neuron.axon == null ? {} : { axon = local.axons[neuron.axon] },
      )
    ])
  }

  axons = {
    for axon in distinct(compact(flatten([for neurons in values(var.registry) : neurons[*].axon]))) :
    axon => [trim(regex("^(.*):[0-9]+$", axon)[0], "[]"), tonumber(regex(":([0-9]+)$", axon)[0])]
  }
}
