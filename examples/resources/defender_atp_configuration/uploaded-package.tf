variable "onboarding_package" {
  description = "The content of WindowsDefenderATP.onboarding."
  type        = string
  sensitive   = true
  ephemeral   = true
}

resource "defender_atp_configuration" "uploaded" {
  display_name            = "MDE onboarding, uploaded package"
  package                 = "onboarding"
  package_blob_wo         = var.onboarding_package
  package_blob_wo_version = 1
  package_filename        = "WindowsDefenderATP.onboarding"
}
