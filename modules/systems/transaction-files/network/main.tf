locals {
  location = { account_id = var.context.account_id, region = var.context.region }
  suffix   = var.context.suffix

  # Those of the service unit, which comes after this one.
  queue_arns = [for name in ["sqs-transactions", "sqs-transactions-dlq"] : "arn:aws:sqs:${var.context.region}:${var.context.account_id}:${name}-${local.suffix}"]
}

# What passes is what the roles of the functions allow their code: the service unit has the same actions. Lambda itself, which polls the queues, is
# outside of the network.
module "network" {
  source = "../../../network"

  name      = "vpc-transactions"
  flow_logs = { kms_key_arn = var.data.keys.lambda.arn, retention_days = var.context.log_retention_days }
  in_use    = var.context.functions_in_vpc
  location  = local.location
  suffix    = local.suffix

  gateway_endpoints = {
    dynamodb = { actions = ["dynamodb:PutItem"], resources = [for table in var.data.tables : table.arn] }
    s3       = { actions = ["s3:GetObject", "s3:GetObjectVersion"], resources = ["${var.data.bucket.arn}/*"] }
  }

  interface_endpoints = {
    sqs = { actions = ["sqs:SendMessage"], resources = local.queue_arns }
  }
}
