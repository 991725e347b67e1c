# A `service` unit runs on what its system's `data` unit keeps, from the artefacts that foundation/data keeps. Its logs need what account/data
# sets up: it reads nothing of it, but comes after it.
locals {
  system  = basename(dirname(get_terragrunt_dir()))
  systems = "${get_repo_root()}/modules/systems"
}

dependencies {
  paths = ["../../account/data"]
}

# Mocks are for these commands alone; there they also stand in for an output that the applied unit does not have yet.
dependency "data" {
  config_path                             = "../data"
  mock_outputs                            = yamldecode(file("${local.systems}/${local.system}/data/mock_outputs.yaml"))
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs_merge_strategy_with_state  = "deep_map_only"
}

dependency "foundation" {
  config_path                             = "../../foundation/data"
  mock_outputs                            = yamldecode(file("${local.systems}/foundation/data/mock_outputs.yaml"))
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs_merge_strategy_with_state  = "deep_map_only"
}

inputs = {
  data       = dependency.data.outputs
  foundation = dependency.foundation.outputs
}
