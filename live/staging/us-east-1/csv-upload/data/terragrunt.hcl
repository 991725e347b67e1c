include "root" {
  path = find_in_parent_folders("terragrunt.hcl")
}

include "data" {
  path = "${get_repo_root()}/live/_units/data.hcl"
}
