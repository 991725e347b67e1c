# A `network` unit is where functions may run. The policies of its endpoints name what the `data` unit of its system keeps.
locals {
  system  = basename(dirname(get_terragrunt_dir()))
  systems = "${get_repo_root()}/modules/systems"
}

# Mocks as in service.hcl.
dependency "data" {
  config_path                             = "../data"
  mock_outputs                            = yamldecode(file("${local.systems}/${local.system}/data/mock_outputs.yaml"))
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs_merge_strategy_with_state  = "deep_map_only"
}

inputs = {
  data = dependency.data.outputs
}
