locals {
  location = { account_id = var.context.account_id, region = var.context.region }

  dead_letters = var.service.queues.main.dead_letters.name
  main_queue   = var.service.queues.main.name
  # What the functions count themselves (functions/transaction_files), by the name of their release.
  counted_by = { for name in ["dlq-processor", "processor"] : name => { service = "${name}-function" } }
}

module "alarm_topic" {
  source = "../../../alarm-topic"

  name        = "sns-transactions-alarms-${var.context.suffix}"
  email       = var.context.alarm_email
  kms_key_arn = var.data.keys.lambda.arn
  location    = local.location
}
