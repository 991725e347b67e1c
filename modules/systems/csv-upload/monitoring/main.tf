locals {
  location = { account_id = var.context.account_id, region = var.context.region }

  api = { ApiName = var.service.api.name, Stage = var.service.api.stage_name }
  # `redrive_as` is the queue's name in the command `pipelines system redrive`.
  dead_letter_queues = {
    rule     = { name = var.service.rule.dead_letters.name, redrive_as = "rule" }
    workflow = { name = var.service.dead_letters.name, redrive_as = "workflow" }
  }
  rule     = { RuleName = var.service.rule.name } # rules on the default bus have no other dimension
  topic    = { TopicName = var.service.topic.name }
  workflow = { StateMachineArn = var.service.workflow.arn }
}

module "alarm_topic" {
  source = "../../../alarm-topic"

  name        = "csv-upload-alarms-${var.context.suffix}"
  email       = var.context.alarm_email
  kms_key_arn = var.data.keys.logs.arn
  location    = local.location
}
