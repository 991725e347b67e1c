locals {
  alarms = merge(
    { for name, queue in local.dead_letter_queues : "${name}-dead-letters" => {
      description = "Dead letters of ${name} wait in ${queue.name}: find out why, then `tools/pipelines system redrive webhooks --env ${var.context.environment} --queue ${queue.redrive_as} --target aws`."
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      section     = name == "event-router" ? "The router's dead-letter queue is not empty" : "A queue's dead-letter queue is not empty"
      dimensions  = { QueueName = queue.name }
      statistic   = "Maximum"
    } },
    { for name, queue in local.queues : "${name}-age" => {
      description = "An event has waited in ${queue} for more than 10 minutes: its consumer is slow or not running."
      namespace   = "AWS/SQS"
      metric_name = "ApproximateAgeOfOldestMessage"
      section     = "An event waits in a queue"
      dimensions  = { QueueName = queue }
      statistic   = "Maximum"
      above       = 600
    } },
    { for name, function in var.service.functions : "${name}-errors" => {
      description = "More than 1 % of the invocations of ${function.name} failed in five minutes: its log says why."
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      section     = "A function fails"
      percent_of  = "Invocations"
      dimensions  = { FunctionName = function.name }
      period_s    = 300
      above       = 1
    } },
    {
      api-errors = {
        description = "More than 1 % of the requests got a 5xx in five minutes: see the logs of the API and of the validator. Providers try again."
        namespace   = "AWS/ApiGateway"
        metric_name = "5XXError"
        section     = "More than 1 % of the requests get a 5xx"
        percent_of  = "Count"
        dimensions  = local.api
        period_s    = 300
        above       = 1
      }
      webhook-validator-throttles = {
        description = "${var.service.functions["webhook-validator"].name} was called more often than its reserved concurrency allows; providers were told to send again. If this happens often, raise validator_concurrency."
        namespace   = "AWS/Lambda"
        metric_name = "Throttles"
        section     = "The validator is throttled"
        dimensions  = { FunctionName = var.service.functions["webhook-validator"].name }
      }
      event-router-dead-letter-errors = {
        description = "An event that the router gave up on could not be sent to its dead-letter queue: providers will not send it again."
        namespace   = "AWS/Lambda"
        metric_name = "DestinationDeliveryFailures"
        section     = "An event of the router is lost"
        dimensions  = { FunctionName = var.service.functions["event-router"].name }
      }
    },
  )
}

module "alarms" {
  source = "../../../alarms"

  alarms    = { for name, alarm in local.alarms : "webhooks-${name}-${var.context.suffix}" => alarm }
  runbook   = "docs/runbooks/webhooks.md"
  topic_arn = module.alarm_topic.topic.arn
}
