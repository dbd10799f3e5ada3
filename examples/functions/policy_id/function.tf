variable "policy" {
  description = "The id of the onboarding policy, or the address of its page in the Intune admin center."
  type        = string
  default     = "https://intune.microsoft.com/#view/Microsoft_Intune_DeviceSettings/PolicySummaryBlade/policyId/0b8a3d5e-1f2c-4d6b-9a70-5c3e8f1d2b4a/platformName/windows10"
}

resource "defender_atp_assignment" "onboarding" {
  device_configuration_id = provider::defender::policy_id(var.policy)

  assignments = [{ type = "allDevicesAssignmentTarget" }]
}
