locals {
  alarms = merge(
    { for name, queue in local.dead_letter_queues : "${name}-dead-letters" => {
      description = "Dead letters of the ${name} wait in ${queue.name}: find out why, then `tools/pipelines system redrive csv-upload --env ${var.context.environment} --queue ${queue.redrive_as} --target aws`."
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = queue.name }
      statistic   = "Maximum"
    } },
    { for name, function in var.service.functions : "${name}-errors" => {
      description = "${function.name} failed: its log says why."
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      dimensions  = { FunctionName = function.name }
    } },
    { for name, function in var.service.functions : "${name}-throttles" => {
      description = "${function.name} was called more often than its reserved concurrency allows."
      namespace   = "AWS/Lambda"
      metric_name = "Throttles"
      dimensions  = { FunctionName = function.name }
    } },
    {
      api-errors = {
        description = "More than 1 % of the requests got a 5xx in five minutes: see the logs of the API and of csv-validator-api."
        namespace   = "AWS/ApiGateway"
        metric_name = "5XXError"
        percent_of  = "Count"
        dimensions  = local.api
        period_s    = 300
        above       = 1
      }
      api-latency = {
        description = "Requests took more than 10 seconds on average for 15 minutes: see the duration of csv-validator-api."
        namespace   = "AWS/ApiGateway"
        metric_name = "Latency"
        dimensions  = local.api
        statistic   = "Average"
        period_s    = 300
        periods     = 3
        above       = 10000
      }
      executions-failed = {
        description = "Executions of the workflow failed: their uploads are in ${var.service.dead_letters.name}."
        namespace   = "AWS/States"
        metric_name = "ExecutionsFailed"
        dimensions  = local.workflow
      }
      executions-timed-out = {
        description = "Executions of the workflow ran out of time, and left no dead letter: see the runbook for how to start them again."
        namespace   = "AWS/States"
        metric_name = "ExecutionsTimedOut"
        dimensions  = local.workflow
      }
      rule-failed-invocations = {
        description = "The rule could not start the workflow: the event is in ${var.service.rule.dead_letters.name}."
        namespace   = "AWS/Events"
        metric_name = "FailedInvocations"
        dimensions  = local.rule
      }
      rule-dead-letter-errors = {
        description = "An event that the rule gave up on could not be sent to its dead-letter queue: see the runbook for how to find the upload."
        namespace   = "AWS/Events"
        metric_name = "InvocationsFailedToBeSentToDlq"
        dimensions  = local.rule
      }
      notifications-failed = {
        description = "The topic could not deliver notifications to a subscriber: see the delivery status of its subscriptions."
        namespace   = "AWS/SNS"
        metric_name = "NumberOfNotificationsFailed"
        dimensions  = local.topic
      }
    },
  )
}

module "alarms" {
  source = "../../../alarms"

  alarms    = { for name, alarm in local.alarms : "csv-upload-${name}-${var.context.suffix}" => alarm }
  topic_arn = module.alarm_topic.topic.arn
}
