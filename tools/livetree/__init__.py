"""The live tree: its settings, its units, and running Terraform in them where Terragrunt is not installed."""
