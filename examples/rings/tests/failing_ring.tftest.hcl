# In the tenant of this example, ring 1 is healthy and ring 2 reports errors.

variables {
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
}

run "the_first_ring_needs_nothing" {
  variables {
    open = 1
  }

  assert {
    condition     = join(", ", keys(defender_atp_assignment.ring)) == "pilot"
    error_message = "Only the pilot should have its policy."
  }
}

run "the_second_ring_follows_a_healthy_first" {
  variables {
    open = 2
  }

  assert {
    condition     = length(defender_atp_assignment.ring["headquarters"].assignments) == 1
    error_message = "Headquarters should have its policy."
  }
}

run "the_third_ring_waits_for_the_second" {
  command = plan

  variables {
    open = 3
  }

  expect_failures = [defender_atp_assignment.ring, check.rings_are_healthy]
}

run "it_waits_in_the_next_plan_too" {
  command = plan

  variables {
    open = 3
  }

  expect_failures = [defender_atp_assignment.ring, check.rings_are_healthy]
}
