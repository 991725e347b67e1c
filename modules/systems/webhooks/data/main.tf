locals {
  location = { account_id = var.context.account_id, region = var.context.region }
  arn_tail = "${var.context.region}:${var.context.account_id}"
  suffix   = var.context.suffix
  table    = "transaction-events-${local.suffix}"
}

# Only roles of this deployment use it, through their own policies: the key's policy delegates to IAM.
module "data_key" {
  source = "../../../kms-key"

  name        = "webhooks-data-${local.suffix}"
  description = "Webhooks: event table, signing secret, dead letters of the router and environments of functions."
  destroyable = var.context.destroyable
  location    = local.location
}

# The condition is the encryption context, which CloudWatch Logs and SNS send with each use. It names the log group or topic.
module "logs_key" {
  source = "../../../kms-key"

  name        = "webhooks-logs-${local.suffix}"
  description = "Webhooks: log groups and alarm notifications."
  destroyable = var.context.destroyable
  location    = local.location

  log_groups = [
    "/aws/apigateway/webhooks-${local.suffix}",
    "/aws/lambda/event-router-${local.suffix}",
    "/aws/lambda/webhook-validator-${local.suffix}",
    "API-Gateway-Execution-Logs_*/${local.suffix}", # the API's id is in between
    "aws-waf-logs-webhooks-${local.suffix}",
  ]

  users = {
    alarms = {
      service   = "cloudwatch.amazonaws.com"
      condition = { ArnLike = { "kms:EncryptionContext:aws:sns:topicArn" = ["arn:aws:sns:${local.arn_tail}:webhooks-alarms-${local.suffix}"] } }
    }
  }
}

module "event_table" {
  source = "../../../dynamodb-table"

  name                   = lookup(var.context.restored_tables, local.table, local.table)
  destroyable            = var.context.destroyable
  key                    = { partition = { name = "event_id", type = "S" } }
  kms_key_arn            = module.data_key.key.arn
  time_to_live_attribute = "expires_at"

  # The index finds events by status and time in eight queries: `status_shard` is RECEIVED#0 to RECEIVED#7, so that no partition is hot.
  indexes = {
    status-at-index = {
      partition = { name = "status_shard", type = "S" }
      sort      = { name = "received_at", type = "S" }
    }
  }
}

module "backups" {
  count  = var.context.backups ? 1 : 0
  source = "../../../backup-plan"

  name        = "webhooks-${var.context.suffix}"
  destroyable = var.context.destroyable
  kms_key_arn = module.data_key.key.arn
  location    = local.location
  role_name   = "webhooks-backup-${var.context.region}-${var.context.suffix}"
  table_arns  = [module.event_table.table.arn]
}

module "signing_secret" {
  source = "../../../secret"

  name        = "webhooks-signing-secret-${local.suffix}"
  description = "What providers sign their webhooks with: the current secret and the one before."
  destroyable = var.context.destroyable
  kms_key_arn = module.data_key.key.arn
}
