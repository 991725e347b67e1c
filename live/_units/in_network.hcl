# A third include of `service` units whose functions may run in the `network` unit of their system.
locals {
  system  = basename(dirname(get_terragrunt_dir()))
  systems = "${get_repo_root()}/modules/systems"
}

# Mocks as in service.hcl.
dependency "network" {
  config_path                             = "../network"
  mock_outputs                            = yamldecode(file("${local.systems}/${local.system}/network/mock_outputs.yaml"))
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
  mock_outputs_merge_strategy_with_state  = "deep_map_only"
}

inputs = {
  network = dependency.network.outputs
}
