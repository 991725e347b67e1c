# A `monitoring` unit watches what the `data` and `service` units of its system created.
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

dependency "service" {
  config_path                             = "../service"
  mock_outputs                            = yamldecode(file("${local.systems}/${local.system}/service/mock_outputs.yaml"))
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs_merge_strategy_with_state  = "deep_map_only"
}

inputs = {
  data    = dependency.data.outputs
  service = dependency.service.outputs
}
