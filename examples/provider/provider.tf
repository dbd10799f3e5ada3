terraform {
  required_providers {
    defender = {
      source = "defender-atp/defender"
    }
  }
}

# Everything may come from the environment instead, under the names that the azuread provider reads:
# a pipeline that runs azuread or azurerm already needs no new settings.
provider "defender" {
  # A token from elsewhere wins over every other way to sign in. Better in DEFENDER_ACCESS_TOKEN.
  access_token = var.graph_token
}

variable "graph_token" {
  description = "A Microsoft Graph token with DeviceManagementConfiguration.ReadWrite.All."
  type        = string
  sensitive   = true
}
