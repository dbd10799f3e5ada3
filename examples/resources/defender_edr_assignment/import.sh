# The id is the policy's GUID, as in the address of its page in the Intune admin center.
terraform import defender_edr_assignment.onboarding 5d0f4c1a-8b72-4e39-a6d5-13c7e9f2b840
