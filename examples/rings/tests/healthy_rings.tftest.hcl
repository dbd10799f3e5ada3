# With a second ring that is healthy, the third one opens.

variables {
  rings = [
    {
      name                    = "pilot"
      device_configuration_id = "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f01"
      group_ids               = ["91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b01"]
    },
    {
      name                    = "headquarters"
      device_configuration_id = "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f04"
      group_ids               = ["91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b02"]
    },
    {
      name                    = "branches"
      device_configuration_id = "4e1c7a90-3b5d-4f28-9c61-7d2e0a8b5f03"
      group_ids               = ["91d3f5a7-2c4e-4b68-8a90-1e3c5d7f9b03"]
    },
  ]
}

run "the_first_ring_opens" {
  variables {
    open = 1
  }
}

run "the_second_ring_opens" {
  variables {
    open = 2
  }

  assert {
    condition     = length(defender_atp_assignment.ring) == 2
    error_message = "Two rings should be open."
  }
}

run "the_third_ring_opens" {
  variables {
    open = 3
  }

  assert {
    condition     = length(defender_atp_assignment.ring["branches"].assignments) == 1
    error_message = "The branches should have their policy."
  }
}

run "a_stricter_limit_is_no_reason_to_take_a_policy_away" {
  command = plan

  variables {
    open          = 3
    min_successes = 1000
  }

  assert {
    condition     = length(defender_atp_assignment.ring) == 3
    error_message = "All rings should keep their policies."
  }
}
