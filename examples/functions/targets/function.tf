resource "defender_atp_assignment" "onboarding" {
  device_configuration_id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"

  assignments = provider::defender::targets(
    ["5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c11"], # workstations
    ["5f8bd3bd-0e2c-4f9d-8f53-2f9c1a4d7c12"], # kiosks, excluded
  )
}
