locals {
  location = { account_id = var.context.account_id, region = var.context.region }

  # `redrive_as` is the queue's name in the command `pipelines system redrive`.
  dead_letter_queues = merge(
    {
      bus       = { name = var.service.bus.dead_letters.name, redrive_as = "bus" }
      rule      = { name = local.route.dead_letters.name, redrive_as = "rule:payment-notification" }
      topic     = { name = var.service.topic.dead_letters.name, redrive_as = "subscription" }
      unmatched = { name = var.service.bus.unmatched.dead_letters.name, redrive_as = "unmatched" }
    },
    { for name, function in var.service.functions : name => { name = function.dead_letters.name, redrive_as = name } },
  )
  rule     = { EventBusName = var.service.bus.name, RuleName = local.route.rule_name }
  route    = var.service.bus.routes["payment-notification"]
  topic    = { TopicName = var.service.topic.name }
  workflow = { StateMachineArn = var.service.workflow.arn }
}

module "alarm_topic" {
  source = "../../../alarm-topic"

  name        = "event-processing-alarms-${var.context.suffix}"
  email       = var.context.alarm_email
  kms_key_arn = var.data.keys.logs.arn
  location    = local.location
}
