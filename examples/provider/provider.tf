terraform {
  required_providers {
    defender = {
      source = "defender-atp/defender"
    }
  }
}

# Every argument may come from the environment instead, and the block may then be left out.
provider "defender" {
  tenant_id = var.tenant_id
  client_id = var.client_id

  # Better in ARM_CLIENT_SECRET: a variable's value is stored in plan files. In a pipeline, use_oidc needs no secret.
  client_secret = var.client_secret
}

variable "tenant_id" {
  description = "The tenant's GUID or one of its domain names."
  type        = string
}

variable "client_id" {
  description = "An application with DeviceManagementConfiguration.ReadWrite.All."
  type        = string
}

variable "client_secret" {
  description = "The application's secret."
  type        = string
  sensitive   = true
}
