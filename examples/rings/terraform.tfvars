rings = [
  {
    name                    = "pilot"
    device_configuration_id = "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f01"
    group_ids               = ["91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b01"]
  },
  {
    name                    = "headquarters"
    device_configuration_id = "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f02"
    group_ids               = ["91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b02"]
  },
  {
    name                    = "branches"
    device_configuration_id = "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f03"
    group_ids               = ["91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b03"]
  },
]
