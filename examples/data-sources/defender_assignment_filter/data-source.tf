data "defender_assignment_filter" "company_owned" {
  display_name = "Company-owned Windows devices"
}

resource "defender_atp_assignment" "all_devices" {
  device_configuration_id = "0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a"

  assignments = [
    {
      type        = "allDevicesAssignmentTarget"
      filter_id   = data.defender_assignment_filter.company_owned.id
      filter_type = "include"
    },
  ]
}
