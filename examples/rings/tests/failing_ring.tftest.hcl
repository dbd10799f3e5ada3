# The rings of terraform.tfvars: in the tenant of this example, ring 1 is healthy and ring 2 reports errors. Only plans can
# expect a failed precondition: a failure while planning fails a run that was to apply.

run "two_rings_do_not_open_at_once" {
  command = plan

  variables {
    open = 2
  }

  expect_failures = [defender_atp_assignment.ring]
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

run "the_failing_ring_keeps_its_policy" {
  command = plan

  variables {
    open = 2
  }

  assert {
    condition     = length(defender_atp_assignment.ring) == 2
    error_message = "Both rings should keep their policies."
  }

  expect_failures = [check.rings_are_healthy]
}

run "a_higher_limit_opens_the_third" {
  variables {
    open         = 3
    max_failures = 20
  }

  assert {
    condition     = length(defender_atp_assignment.ring["branches"].assignments) == 1
    error_message = "The branches should have their policy."
  }
}
