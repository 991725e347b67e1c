# A `service` unit uses what the `data` unit of its system keeps. Its functions come from the bucket that foundation/data creates, and its logs need
# what account/data sets up: it reads no outputs of these two, but comes after them.
locals {
  system  = basename(dirname(get_terragrunt_dir()))
  systems = "${get_repo_root()}/modules/systems"
}

dependencies {
  paths = ["../../account/data", "../../foundation/data"]
}

# Mocks are for these commands only. There they also replace an output that the applied unit does not have yet.
dependency "data" {
  config_path                             = "../data"
  mock_outputs                            = yamldecode(file("${local.systems}/${local.system}/data/mock_outputs.yaml"))
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs_merge_strategy_with_state  = "deep_map_only"
}

inputs = {
  data = dependency.data.outputs
}
