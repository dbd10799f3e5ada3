# Rings that could not be watched or kept apart.

variables {
  open = 1
}

run "a_ring_needs_a_group" {
  command = plan

  variables {
    rings = [
      {
        name                    = "pilot"
        device_configuration_id = "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f01"
        group_ids               = []
      },
    ]
  }

  expect_failures = [var.rings]
}

run "two_rings_share_no_policy" {
  command = plan

  variables {
    rings = [
      {
        name                    = "pilot"
        device_configuration_id = "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f01"
        group_ids               = ["91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b01"]
      },
      {
        name                    = "headquarters"
        device_configuration_id = "4E1C7A90-3B5D-4F28-9C61-7D2E0A8B5F01"
        group_ids               = ["91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b02"]
      },
    ]
  }

  expect_failures = [var.rings]
}
