# What the module plans. Nothing is written, so the runs do not depend on each other.

variables {
  policy_id = "2c9d4e71-86fa-4b03-9e5d-1a7c3f0b8d62"
  group_ids = ["7e6f5a4b-3c2d-4e1f-9a0b-8c7d6e5f4a01"]
}

run "a_group_becomes_a_target" {
  command = plan

  assert {
    condition     = one(defender_atp_assignment.this.assignments).type == "groupAssignmentTarget"
    error_message = "The group should be the only target."
  }
}

run "an_excluded_group_becomes_an_exclusion" {
  command = plan

  variables {
    excluded_group_ids = ["8f7a6b5c-4d3e-4f2a-8b1c-9d8e7f6a5b02"]
  }

  assert {
    condition = one([
      for target in defender_atp_assignment.this.assignments : target.group_id
      if target.type == "exclusionGroupAssignmentTarget"
    ]) == "8f7a6b5c-4d3e-4f2a-8b1c-9d8e7f6a5b02"
    error_message = "The group should be excluded."
  }
}

run "no_group_is_refused" {
  command = plan

  variables {
    group_ids = []
  }

  expect_failures = [var.group_ids]
}
