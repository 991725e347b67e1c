locals {
  location = { account_id = var.context.account_id, region = var.context.region }
  arn_tail = "${var.context.region}:${var.context.account_id}"
  bus_arn  = "arn:aws:events:${local.arn_tail}:event-bus/event-processing-${var.context.suffix}"
  table    = "event-processing-processed-events-${var.context.suffix}"
}

# A service that sends with its own principal can do so only if the key admits it. The condition is the encryption context, which SQS, SNS
# and CloudWatch Logs send with each use. It names the queue, topic or log group.
module "data_key" {
  source = "../../../kms-key"

  name        = "event-processing-data-${var.context.suffix}"
  description = "Payment events: bus, workflow, audit table, dead letters, images and environments of functions."
  destroyable = var.context.destroyable
  location    = local.location

  users = {
    bus = {
      service   = "events.amazonaws.com"
      condition = { ArnEquals = { "kms:EncryptionContext:aws:events:event-bus:arn" = [local.bus_arn] } }
    }
    bus_check = {
      service   = "events.amazonaws.com"
      actions   = ["kms:DescribeKey"] # without an encryption context
      condition = { StringEquals = { "aws:SourceAccount" = [var.context.account_id] } }
    }
    event_bus = {
      service   = "events.amazonaws.com"
      condition = { ArnLike = { "kms:EncryptionContext:aws:sqs:arn" = ["arn:aws:sqs:${local.arn_tail}:event-processing-*-dlq-${var.context.suffix}"] } }
    }
    # CloudWatch Logs decrypts the events of the workflow to deliver them.
    log_delivery = {
      service   = "delivery.logs.amazonaws.com"
      actions   = ["kms:Decrypt"]
      condition = { StringEquals = { "kms:EncryptionContext:SourceArn" = ["arn:aws:logs:${local.arn_tail}:*"] } }
    }
    topic = {
      service   = "sns.amazonaws.com"
      condition = { ArnLike = { "kms:EncryptionContext:aws:sqs:arn" = ["arn:aws:sqs:${local.arn_tail}:event-processing-*-dlq-${var.context.suffix}"] } }
    }
  }
}

module "logs_key" {
  source = "../../../kms-key"

  name        = "event-processing-logs-${var.context.suffix}"
  description = "Payment events: log groups and alarm notifications."
  destroyable = var.context.destroyable
  location    = local.location
  log_groups  = ["/aws/*/event-processing-*-${var.context.suffix}"]

  users = {
    alarms = {
      service   = "cloudwatch.amazonaws.com"
      condition = { ArnLike = { "kms:EncryptionContext:aws:sns:topicArn" = ["arn:aws:sns:${local.arn_tail}:event-processing-alarms-${var.context.suffix}"] } }
    }
  }
}

module "audit_table" {
  source = "../../../dynamodb-table"

  name        = lookup(var.context.restored_tables, local.table, local.table)
  destroyable = var.context.destroyable
  kms_key_arn = module.data_key.key.arn

  # One query returns all stages of an event. The index finds events by status and time in eight queries, because `status_shard` is REJECTED#0
  # to REJECTED#7. With the status alone as its partition, the index would accept 1,000 writes a second and throttle the table.
  key = {
    partition = { name = "event_id", type = "S" }
    sort      = { name = "stage", type = "S" }
  }
  indexes = {
    status-at-index = {
      partition = { name = "status_shard", type = "S" }
      sort      = { name = "at", type = "S" }
    }
  }
}

module "backups" {
  count  = var.context.backups ? 1 : 0
  source = "../../../backup-plan"

  name        = "event-processing-${var.context.suffix}"
  destroyable = var.context.destroyable
  kms_key_arn = module.data_key.key.arn
  location    = local.location
  role_name   = "event-processing-backup-${var.context.region}-${var.context.suffix}"
  table_arns  = [module.audit_table.table.arn]
}

module "images" {
  source = "../../../image-repository"

  name        = "event-processing-${var.context.suffix}"
  destroyable = var.context.destroyable
  functions   = ["event-enricher", "event-processor", "event-trigger", "event-validator"]
  kms_key_arn = module.data_key.key.arn
  location    = local.location
}
