terraform {
  required_providers {
    defender = {
      source = "defender-atp/defender"
    }
  }
}

# The block may be empty: the token then comes from DEFENDER_ACCESS_TOKEN, which also keeps it out of saved plans.
provider "defender" {
  access_token = var.graph_token
}

variable "graph_token" {
  description = "A Microsoft Graph token with DeviceManagementConfiguration.ReadWrite.All."
  type        = string
  sensitive   = true
}
