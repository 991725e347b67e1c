include "root" {
  path = find_in_parent_folders("terragrunt.hcl")
}

include "monitoring" {
  path = "${get_repo_root()}/live/_units/monitoring.hcl"
}
