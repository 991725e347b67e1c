include "root" {
  path = find_in_parent_folders("terragrunt.hcl")
}

include "network" {
  path = "${get_repo_root()}/live/_units/network.hcl"
}
