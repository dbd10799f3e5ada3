terraform {
  required_providers {
    defender = {
      source = "defender-atp/defender"
    }
  }
}

provider "defender" {}
