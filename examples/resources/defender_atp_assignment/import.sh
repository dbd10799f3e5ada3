# The id is the policy's, as the address of its page in the Intune portal shows it.
terraform import defender_atp_assignment.onboarding 0b8a3d5e-7c41-4f2a-9d36-58e1b0c7f294
