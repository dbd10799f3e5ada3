# What the module leaves in the tenant. The runs follow one another on one state; at the end Terraform destroys it.

variables {
  policy_id          = "2c9d4e71-86fa-4b03-9e5d-1a7c3f0b8d62"
  group_ids          = ["7e6f5a4b-3c2d-4e1f-9a0b-8c7d6e5f4a01"]
  excluded_group_ids = ["8f7a6b5c-4d3e-4f2a-8b1c-9d8e7f6a5b02"]
}

run "the_policy_is_assigned" {
  assert {
    condition = keys(output.assignment_ids) == tolist([
      "exclusionGroupAssignmentTarget/8f7a6b5c-4d3e-4f2a-8b1c-9d8e7f6a5b02",
      "groupAssignmentTarget/7e6f5a4b-3c2d-4e1f-9a0b-8c7d6e5f4a01",
    ])
    error_message = "Graph should have an assignment for each group."
  }
}

run "what_comes_from_a_policy_set_is_left_alone" {
  assert {
    condition     = one(defender_atp_assignment.this.inherited_assignments).source == "policySets"
    error_message = "The policy set's assignment should still be there."
  }
}

run "a_group_that_is_no_longer_listed_leaves" {
  variables {
    excluded_group_ids = []
  }

  assert {
    condition     = one(keys(output.assignment_ids)) == "groupAssignmentTarget/7e6f5a4b-3c2d-4e1f-9a0b-8c7d6e5f4a01"
    error_message = "The exclusion should be gone."
  }
}
