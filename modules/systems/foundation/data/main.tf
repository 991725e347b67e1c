module "key" {
  source = "../../../kms-key"

  name        = "artifacts-${var.context.suffix}"
  description = "Artefacts that the functions of this account and region are deployed from."
  destroyable = var.context.destroyable
  location    = { account_id = var.context.account_id, region = var.context.region }
}

module "artifacts" {
  source = "../../../bucket"

  name        = var.context.artifact_bucket
  destroyable = var.context.destroyable
  kms_key_arn = module.key.key.arn
}

# API Gateway has one role for the logs of all APIs of an account and region. A role's name is an account's, so it says the region.
module "api_gateway_account" {
  source = "../../../api-gateway-account"

  name     = "api-gateway-logs-${var.context.region}-${var.context.suffix}"
  location = { account_id = var.context.account_id, region = var.context.region }
}
