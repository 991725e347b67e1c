locals {
  location = { account_id = var.context.account_id, region = var.context.region }

  api = { ApiName = var.service.api.name, Stage = var.service.api.stage_name }
  # `redrive_as` is the queue's name in the command `pipelines system redrive`.
  dead_letter_queues = merge(
    { event-router = { name = var.service.functions["event-router"].dead_letters.name, redrive_as = "event-router" } },
    { for type, queue in var.service.queues : "${type}s" => { name = queue.dead_letters.name, redrive_as = type } },
  )
  queues = { for type, queue in var.service.queues : "${type}s" => queue.name }
}

module "alarm_topic" {
  source = "../../../alarm-topic"

  name        = "webhooks-alarms-${var.context.suffix}"
  email       = var.context.alarm_email
  kms_key_arn = var.data.keys.logs.arn
  location    = local.location
}
