# A `monitoring` unit watches what its system's `data` and `service` units made.
locals {
  system  = basename(dirname(get_terragrunt_dir()))
  systems = "${get_repo_root()}/modules/systems"
}

dependency "data" {
  config_path                             = "../data"
  mock_outputs                            = yamldecode(file("${local.systems}/${local.system}/data/mock_outputs.yaml"))
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
}

dependency "service" {
  config_path                             = "../service"
  mock_outputs                            = yamldecode(file("${local.systems}/${local.system}/service/mock_outputs.yaml"))
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]
}

inputs = {
  data    = dependency.data.outputs
  service = dependency.service.outputs
}
