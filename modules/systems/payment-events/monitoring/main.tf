locals {
  location = { account_id = var.context.account_id, region = var.context.region }

  dead_letter_queues = merge(
    {
      bus       = var.service.bus.dead_letters.name
      rule      = local.route.dead_letters.name
      topic     = var.service.topic.dead_letters.name
      unmatched = var.service.bus.unmatched.dead_letters.name
    },
    { for name, function in var.service.functions : name => function.dead_letters.name },
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
