include "root" {
  path = find_in_parent_folders("terragrunt.hcl")
}

include "service" {
  path = "${get_repo_root()}/live/_units/service.hcl"
}
