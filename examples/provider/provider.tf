terraform {
  required_providers {
    defender = {
      source = "defender-atp/defender"
    }
  }
}

# Both arguments may come from the environment instead, and the block may then be left out.
provider "defender" {
  # Better in DEFENDER_ACCESS_TOKEN: a variable's value is stored in plan files.
  access_token = var.graph_token
}

variable "graph_token" {
  description = "A Microsoft Graph token with DeviceManagementConfiguration.ReadWrite.All."
  type        = string
  sensitive   = true
}
