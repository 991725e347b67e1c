# Root configuration of the live tree: the path of a unit says what it is, and everything else follows from the path.
locals {
  # live/<environment>/<region>/<system>/<unit>. With `try`, `render` can evaluate this file by itself.
  path        = split("/", path_relative_to_include())
  environment = try(local.path[1], "none")
  region      = try(local.path[2], local.state_region)
  system      = try(local.path[3], "none")
  unit        = try(local.path[4], "none")

  # What AWS has once in an account and region belongs to all deployments there. It has one state, whichever environment's folder it is applied
  # from, and takes only the account and its owner from the settings of that environment.
  shared = local.system == "account"
  scope  = local.shared ? "shared" : local.environment

  # The hook `unit` checks the settings against their schema and names each fault. Until it runs, a missing setting must not stop the evaluation
  # with a message about HCL, so each setting without a default has a value here.
  settings = merge(
    {
      account_id  = "missing"
      alarm_email = "missing"
      owner       = "missing"
      suffix      = local.environment
    },
    yamldecode(file("${get_repo_root()}/live/defaults.yaml")),
    try(yamldecode(file("${get_repo_root()}/live/${local.environment}/environment.yaml")), {})
  )

  on_emulator = get_env("AWS_ENDPOINT_URL", "") != ""
  # Every Terraform command that looks at a unit: most of them evaluate its configuration.
  commands = [
    "apply", "console", "destroy", "graph", "import", "init", "output", "plan", "providers", "refresh", "show", "state", "taint",
    "test", "untaint", "validate",
  ]

  state_bucket = "financial-event-pipelines-state-${local.settings.account_id}"
  # An alias, because nobody knows the key's id before bootstrap has created the key. Only Terraform 1.6.0 refuses an alias.
  state_key        = "alias/financial-event-pipelines-states"
  state_region     = "us-east-1"
  artifact_bucket  = "artifacts-${local.settings.suffix}-${local.settings.account_id}-${local.region}"
  pipelines        = "${get_repo_root()}/tools/pipelines"
  release_manifest = "${get_repo_root()}/build/release/${local.on_emulator ? "emulator" : "aws"}.json"
  # Which systems can run from images: those with repositories. The emulator takes zips unless it is told otherwise, because not every machine
  # has a container engine.
  in_images = ["csv-upload", "payment-events"]
  chosen    = !local.on_emulator ? local.settings.packaging : get_env("PACKAGING", "") == "" ? "zip" : get_env("PACKAGING", "")
  packaging = contains(local.in_images, local.system) ? local.chosen : "zip"

  # The kind of data that a system keeps, and the rules that apply to it. The rows of files say who paid whom for what, and hold no card data.
  classifications = {
    csv-upload        = { data = "personal", compliance = "gdpr" }
    payment-events    = { data = "confidential", compliance = "pci-dss" }
    transaction-files = { data = "personal", compliance = "gdpr" }
    webhooks          = { data = "confidential", compliance = "pci-dss" }
  }
  classification = lookup(local.classifications, local.system, { data = "internal", compliance = "none" })
  tags = {
    Compliance         = local.classification.compliance
    DataClassification = local.classification.data
    Environment        = local.scope
    ManagedBy          = "terragrunt"
    Owner              = local.settings.owner
  }
}

remote_state {
  backend = "s3"
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }
  config = {
    bucket         = local.state_bucket
    dynamodb_table = "financial-event-pipelines-locks"
    encrypt        = true
    kms_key_id     = local.state_key
    key            = "${local.scope}/${local.region}/${local.system}/${local.unit}/terraform.tfstate"
    region         = local.state_region
  }
}

generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<-EOT
    provider "aws" {
      region              = "${local.region}"
      allowed_account_ids = ["${local.settings.account_id}"]
      default_tags {
        tags = ${jsonencode(local.tags)}
      }
    }
  EOT
}

generate "versions" {
  path      = "versions_override.tf"
  if_exists = "overwrite_terragrunt"
  contents  = <<-EOT
    terraform {
      required_version = ">= 1.5"
      required_providers {
        aws = {
          source  = "hashicorp/aws"
          version = "~> 5.0"
        }
      }
    }
  EOT
}

terraform {
  source = "${get_repo_root()}/modules//systems/${local.system}/${local.unit}"

  # Refuses wrong settings, and commands that would fail half-way or destroy more than was meant: tools/livetree/guard.py.
  before_hook "unit" {
    commands = local.commands
    execute = concat(
      [local.pipelines, "unit", "check", "--states", local.state_bucket, local.state_region, local.state_key, get_terragrunt_dir()],
      get_terraform_cli_args(),
    )
  }

  before_hook "release_manifest" {
    commands = local.commands
    execute  = [local.pipelines, "release", "manifest"]
    if       = local.unit == "service"
  }

  before_hook "release_publish" {
    commands = ["apply"]
    execute = [
      local.pipelines, "release", "publish", "--bucket", local.artifact_bucket, "--packaging", local.packaging,
      "--region", local.region, local.system,
    ]
    if = local.unit == "service"
  }
}

# This file is not a unit, but a run from its folder finds it.
exclude {
  if      = path_relative_to_include() == "."
  actions = ["all"]
}

# Terragrunt 0.89 also destroys what a unit depends on, even outside the folder of the run, and a destroy of a deployment would include what others
# share with it. The hook refuses these units, and the run continues with the rest.
errors {
  ignore "outside_of_the_run" {
    ignorable_errors = [".*lies outside of the folder of this destroy.*"]
    message          = "it lies outside of the folder of this destroy, and is left as it is"
  }

  ignore "shared" {
    ignorable_errors = [".*belongs to all deployments of the account.*"]
    message          = "it belongs to all deployments of the account, and is left as it is"
  }
}

inputs = {
  context = {
    accept_test_events           = local.settings.accept_test_events
    account_id                   = local.settings.account_id
    alarm_email                  = local.settings.alarm_email
    artifact_bucket              = local.artifact_bucket
    backups                      = local.settings.backups
    destroyable                  = local.settings.destroyable
    environment                  = local.environment
    functions_in_vpc             = local.settings.functions_in_vpc
    log_retention_days           = local.settings.log_retention_days
    monthly_budget_usd           = local.settings.monthly_budget_usd
    packaging                    = local.packaging
    region                       = local.region
    release_manifest             = local.release_manifest
    reserved_concurrency_percent = local.settings.reserved_concurrency_percent
    restored_tables              = try(local.settings.restored_tables[local.region], {})
    suffix                       = local.settings.suffix
  }
}
