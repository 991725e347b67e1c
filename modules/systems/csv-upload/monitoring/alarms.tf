locals {
  alarms = merge(
    { for name, queue in local.dead_letter_queues : "${name}-dead-letters" => {
      description = "Dead letters of the ${name} wait in ${queue.name}: find out why, then `tools/pipelines system redrive csv-upload --env ${var.context.environment} --queue ${queue.redrive_as} --target aws`."
      namespace   = "AWS/SQS"
      metric_name = "ApproximateNumberOfMessagesVisible"
      section     = "A dead-letter queue is not empty"
      dimensions  = { QueueName = queue.name }
      statistic   = "Maximum"
    } },
    { for name, function in var.service.functions : "${name}-errors" => {
      description = "${function.name} failed: its log says why."
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      section     = "A function fails"
      dimensions  = { FunctionName = function.name }
    } },
    { for name, function in var.service.functions : "${name}-throttles" => {
      description = "${function.name} was called more often than its reserved concurrency allows."
      namespace   = "AWS/Lambda"
      metric_name = "Throttles"
      section     = "A function is throttled"
      dimensions  = { FunctionName = function.name }
    } },
    {
      api-errors = {
        description = "More than 1 % of the requests got a 5xx in five minutes: see the logs of the API and of csv-validator-api."
        namespace   = "AWS/ApiGateway"
        metric_name = "5XXError"
        section     = "More than 1 % of the requests get a 5xx"
        percent_of  = "Count"
        dimensions  = local.api
        period_s    = 300
        above       = 1
      }
      api-latency = {
        description = "Requests took more than 10 seconds on average for 15 minutes: see the duration of csv-validator-api."
        namespace   = "AWS/ApiGateway"
        metric_name = "Latency"
        section     = "Requests take long"
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
        section     = "Executions fail"
        dimensions  = local.workflow
      }
      executions-timed-out = {
        description = "Executions of the workflow ran out of time, and left no dead letter."
        namespace   = "AWS/States"
        metric_name = "ExecutionsTimedOut"
        section     = "Executions run out of time"
        dimensions  = local.workflow
      }
      rule-failed-invocations = {
        description = "The rule could not start the workflow: the event is in ${var.service.rule.dead_letters.name}."
        namespace   = "AWS/Events"
        metric_name = "FailedInvocations"
        section     = "The rule could not start the workflow"
        dimensions  = local.rule
      }
      rule-dead-letter-errors = {
        description = "An event that the rule gave up on could not be sent to its dead-letter queue, and is lost."
        namespace   = "AWS/Events"
        metric_name = "InvocationsFailedToBeSentToDlq"
        section     = "The rule lost an event"
        dimensions  = local.rule
      }
      notifications-failed = {
        description = "The topic could not deliver notifications to a subscriber: see the delivery status of its subscriptions."
        namespace   = "AWS/SNS"
        metric_name = "NumberOfNotificationsFailed"
        section     = "Notifications are not delivered"
        dimensions  = local.topic
      }
    },
  )
}

module "alarms" {
  source = "../../../alarms"

  alarms    = { for name, alarm in local.alarms : "csv-upload-${name}-${var.context.suffix}" => alarm }
  runbook   = "docs/runbooks/csv-upload.md"
  topic_arn = module.alarm_topic.topic.arn
}
