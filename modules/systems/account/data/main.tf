# Names have no suffix, because all deployments of an account share what is here.
locals {
  location = { account_id = var.context.account_id, region = var.context.region }
  name     = "financial-event-pipelines"
  welcome  = "/aws/apigateway/welcome"
}

module "key" {
  source = "../../../kms-key"

  name        = "${local.name}-account"
  description = "Logs of this account and region that belong to no deployment."
  destroyable = false
  location    = local.location
  log_groups  = [local.welcome]
}

# API Gateway writes a line to this group when it gets its role. If the group is missing, it creates one without key and retention.
module "welcome" {
  source = "../../../log-group"

  name           = local.welcome
  kms_key_arn    = module.key.key.arn
  retention_days = 365 # the same for all environments of the account, whatever their own setting
}

# API Gateway has one role for the logs of all APIs of an account and region. IAM has a role's name once in an account, so it names the region.
module "api_gateway_account" {
  source = "../../../api-gateway-account"

  name     = "${local.name}-api-gateway-logs-${var.context.region}"
  location = local.location

  depends_on = [module.welcome]
}

module "log_delivery" {
  source = "../../../log-delivery"

  name     = local.name
  location = local.location
}
