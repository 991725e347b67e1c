# A `data` unit holds what must survive: where the environment is not destroyable, Terragrunt refuses to destroy it.
locals {
  settings = yamldecode(file(find_in_parent_folders("environment.yaml")))
}

prevent_destroy = !try(local.settings.destroyable, true)
