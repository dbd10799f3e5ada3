# The id is the policy's GUID, as in the address of its page in the Intune admin center.
terraform import defender_atp_assignment.onboarding 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294
