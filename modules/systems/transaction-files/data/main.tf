locals {
  location    = { account_id = var.context.account_id, region = var.context.region }
  arn_tail    = "${var.context.region}:${var.context.account_id}"
  bucket_name = "s3-transactions-${local.suffix}-${var.context.account_id}"
  suffix      = var.context.suffix

  function_names = [for name in ["lambda-dlq-processor", "lambda-transaction-processor"] : "${name}-${local.suffix}"]
  original_names = { for table in ["errors", "files", "transactions"] : table => "dynamodb-${table}-${local.suffix}" }
  table_names    = { for table, name in local.original_names : table => lookup(var.context.restored_tables, name, name) }

  # What a service may do with a key that it has to admit. Each statement names the resources: by the encryption context that the service sends
  # with each use, or, for S3, by the source.
  use = ["kms:Decrypt", "kms:GenerateDataKey*"]
}

module "s3_key" {
  source = "../../../kms-key"

  name        = "s3-transactions-${local.suffix}"
  description = "Transaction files: the uploaded files."
  destroyable = var.context.destroyable
  location    = local.location

  users = {
    bucket = {
      service = "s3.amazonaws.com"
      actions = local.use
      condition = {
        ArnEquals    = { "aws:SourceArn" = ["arn:aws:s3:::${local.bucket_name}"] }
        StringEquals = { "aws:SourceAccount" = [var.context.account_id] }
      }
    }
  }
}

module "dynamodb_key" {
  source = "../../../kms-key"

  name        = "dynamodb-transactions-${local.suffix}"
  description = "Transaction files: the tables of transactions, errors and files."
  destroyable = var.context.destroyable
  location    = local.location

  users = {
    tables = {
      service = "dynamodb.amazonaws.com"
      actions = local.use
      condition = { StringEquals = {
        "kms:EncryptionContext:aws:dynamodb:subscriberId" = [var.context.account_id]
        "kms:EncryptionContext:aws:dynamodb:tableName"    = values(local.table_names)
      } }
    }
  }
}

module "lambda_key" {
  source = "../../../kms-key"

  name        = "lambda-encryption-${local.suffix}"
  description = "Transaction files: environments of functions, queues, log groups and alarm notifications."
  destroyable = var.context.destroyable
  location    = local.location
  log_groups  = concat([for name in local.function_names : "/aws/lambda/${name}"], ["/aws/vpc/vpc-transactions-${local.suffix}"])

  users = {
    alarms = {
      service   = "cloudwatch.amazonaws.com"
      actions   = local.use
      condition = { ArnEquals = { "kms:EncryptionContext:aws:sns:topicArn" = ["arn:aws:sns:${local.arn_tail}:sns-transactions-alarms-${local.suffix}"] } }
    }
    environments = {
      service   = "lambda.amazonaws.com"
      actions   = local.use
      condition = { ArnEquals = { "kms:EncryptionContext:aws:lambda:FunctionArn" = [for name in local.function_names : "arn:aws:lambda:${local.arn_tail}:function:${name}"] } }
    }
    queues = {
      service   = "sqs.amazonaws.com"
      actions   = local.use
      condition = { ArnEquals = { "kms:EncryptionContext:aws:sqs:arn" = [for name in ["sqs-transactions", "sqs-transactions-dlq"] : "arn:aws:sqs:${local.arn_tail}:${name}-${local.suffix}"] } }
    }
  }
}

# Files are records: a replaced or deleted version stays, too, until somebody erases it.
module "bucket" {
  #checkov:skip=CKV_AWS_144:The files stay in the region that the specification names (`docs/spec/transaction-files.md`); their transactions are in tables that can be restored
  #checkov:skip=CKV2_AWS_62:The service unit sets the notifications (`modules/bucket-notifications`), once the function admits S3
  source = "../../../bucket"

  name               = local.bucket_name
  account_id         = var.context.account_id
  archive_after_days = 90
  destroyable        = var.context.destroyable
  kms_key_arn        = module.s3_key.key.arn
  noncurrent_days    = null
}

# `status-timestamp-index` finds transactions by status and time. `status_shard` is a status with a number behind it (functions/common/status_shards.py), so that
# no partition is hot.
module "transactions_table" {
  source = "../../../dynamodb-table"

  name        = local.table_names["transactions"]
  destroyable = var.context.destroyable
  kms_key_arn = module.dynamodb_key.key.arn

  key = {
    partition = { name = "transaction_id", type = "S" }
    sort      = { name = "timestamp", type = "N" }
  }
  indexes = {
    account-timestamp-index = {
      partition = { name = "account_id", type = "S" }
      sort      = { name = "timestamp", type = "N" }
    }
    status-timestamp-index = {
      partition = { name = "status_shard", type = "S" }
      sort      = { name = "timestamp", type = "N" }
    }
  }
}

module "errors_table" {
  source = "../../../dynamodb-table"

  name        = local.table_names["errors"]
  destroyable = var.context.destroyable
  kms_key_arn = module.dynamodb_key.key.arn

  key = {
    partition = { name = "error_id", type = "S" }
    sort      = { name = "timestamp", type = "N" }
  }
  indexes = {
    account-timestamp-index = {
      partition = { name = "account_id", type = "S" }
      sort      = { name = "timestamp", type = "N" }
    }
    file-index = {
      partition = { name = "file", type = "S" }
      sort      = { name = "timestamp", type = "N" }
    }
    transaction-index = {
      partition = { name = "transaction_id", type = "S" }
      sort      = { name = "timestamp", type = "N" }
    }
  }
}

# One item for each finished segment of a file: what was done, without personal data.
module "files_table" {
  source = "../../../dynamodb-table"

  name        = local.table_names["files"]
  destroyable = var.context.destroyable
  kms_key_arn = module.dynamodb_key.key.arn

  key = {
    partition = { name = "file", type = "S" }
    sort      = { name = "start", type = "N" }
  }
}

module "backups" {
  count  = var.context.backups ? 1 : 0
  source = "../../../backup-plan"

  name        = "transactions-${local.suffix}"
  destroyable = var.context.destroyable
  kms_key_arn = module.dynamodb_key.key.arn
  location    = local.location
  role_name   = "transactions-backup-${var.context.region}-${local.suffix}"
  table_arns  = [module.errors_table.table.arn, module.files_table.table.arn, module.transactions_table.table.arn]
}
