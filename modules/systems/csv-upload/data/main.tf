locals {
  location = { account_id = var.context.account_id, region = var.context.region }
  arn_tail = "${var.context.region}:${var.context.account_id}"
  suffix   = var.context.suffix
  tables   = { for table in ["processing-status", "transactions"] : table => "csv-upload-${table}-${local.suffix}" }

  # Partitions of the indexes are `<day>#<shard>`, with 16 shards: a day is 16 queries, and no partition gets all of its writes.
  by_day = {
    day-timestamp-index = {
      partition = { name = "day_shard", type = "S" }
      sort      = { name = "timestamp", type = "N" }
    }
  }
}

# A service that uses the key with its own principal can do so only if the key admits it. The condition is the encryption context or the source
# that the service sends with each use.
module "data_key" {
  source = "../../../kms-key"

  name        = "csv-upload-data-${local.suffix}"
  description = "CSV upload: files, tables, workflow, notifications, dead letters, images and environments of functions."
  destroyable = var.context.destroyable
  location    = local.location

  users = {
    # CloudWatch Logs decrypts the events of the workflow to deliver them.
    log_delivery = {
      service   = "delivery.logs.amazonaws.com"
      actions   = ["kms:Decrypt"]
      condition = { StringEquals = { "kms:EncryptionContext:SourceArn" = ["arn:aws:logs:${local.arn_tail}:*"] } }
    }
    rule = {
      service   = "events.amazonaws.com"
      condition = { ArnEquals = { "kms:EncryptionContext:aws:sqs:arn" = ["arn:aws:sqs:${local.arn_tail}:csv-upload-rule-dlq-${local.suffix}"] } }
    }
  }
}

module "logs_key" {
  source = "../../../kms-key"

  name        = "csv-upload-logs-${local.suffix}"
  description = "CSV upload: log groups and alarm notifications."
  destroyable = var.context.destroyable
  location    = local.location

  log_groups = [
    "/aws/apigateway/csv-upload-${local.suffix}",
    "/aws/lambda/csv-validator-${local.suffix}",
    "/aws/lambda/csv-validator-api-${local.suffix}",
    "/aws/lambda/data-transformer-${local.suffix}",
    "/aws/lambda/notification-sender-${local.suffix}",
    "/aws/vendedlogs/states/csv-upload-${local.suffix}",
    "API-Gateway-Execution-Logs_*/${local.suffix}", # the API's id is in between
    "aws-waf-logs-csv-upload-${local.suffix}",
  ]

  users = {
    alarms = {
      service   = "cloudwatch.amazonaws.com"
      condition = { ArnLike = { "kms:EncryptionContext:aws:sns:topicArn" = ["arn:aws:sns:${local.arn_tail}:csv-upload-alarms-${local.suffix}"] } }
    }
  }
}

module "bucket" {
  source = "../../../bucket"

  name               = "csv-upload-${local.suffix}-${var.context.account_id}-${var.context.region}"
  account_id         = var.context.account_id
  archive_after_days = 90
  destroyable        = var.context.destroyable
  kms_key_arn        = module.data_key.key.arn
  sends_events       = true
}

module "transactions_table" {
  source = "../../../dynamodb-table"

  name        = lookup(var.context.restored_tables, local.tables["transactions"], local.tables["transactions"])
  destroyable = var.context.destroyable
  indexes     = local.by_day
  key         = { partition = { name = "transaction_id", type = "S" } }
  kms_key_arn = module.data_key.key.arn
}

module "status_table" {
  source = "../../../dynamodb-table"

  name        = lookup(var.context.restored_tables, local.tables["processing-status"], local.tables["processing-status"])
  destroyable = var.context.destroyable
  indexes     = local.by_day
  key         = { partition = { name = "upload_id", type = "S" } }
  kms_key_arn = module.data_key.key.arn
}

module "backups" {
  count  = var.context.backups ? 1 : 0
  source = "../../../backup-plan"

  name        = "csv-upload-${local.suffix}"
  destroyable = var.context.destroyable
  kms_key_arn = module.data_key.key.arn
  location    = local.location
  role_name   = "csv-upload-backup-${var.context.region}-${local.suffix}"
  table_arns  = [module.status_table.table.arn, module.transactions_table.table.arn]
}

module "images" {
  source   = "../../../image-repository"
  for_each = toset(["csv-validator", "data-transformer", "notification-sender"])

  name        = "csv-upload/${each.key}-${local.suffix}"
  destroyable = var.context.destroyable
  functions   = [each.key]
  kms_key_arn = module.data_key.key.arn
  location    = local.location
}
