# Ids of objects that exist in the tenant (tenant.json). The portal shows each in the address of its page.

variable "pilot_policy_id" {
  description = "The onboarding policy for the pilot ring."
  type        = string
  default     = "3f6c1e0a-52d8-4b8e-9c37-0a61d2f4b7c1"
}

variable "production_policy_id" {
  description = "The onboarding policy for all other devices."
  type        = string
  default     = "8d2b94f7-1c3e-4f60-a5d9-e7b08c6f3a42"
}

variable "groups" {
  description = "Object ids of the Entra groups, by a short name."
  type        = map(string)
  default = {
    pilot  = "b1f0c2d4-6a7e-4c18-8f35-29d0e4a6b801"
    berlin = "c2a1d3e5-7b8f-4d29-9a46-3ae1f5b7c902"
    madrid = "d3b2e4f6-8c90-4e3a-ab57-4bf206c8da03"
    kiosks = "e4c3f507-9da1-4f4b-bc68-5c0317d9eb04"
  }
}

variable "company_owned_filter_id" {
  description = "An assignment filter of platform windows10AndLater."
  type        = string
  default     = "a7d5e9c3-4f12-4b6d-8e70-91c2b3d4e5f6"
}
