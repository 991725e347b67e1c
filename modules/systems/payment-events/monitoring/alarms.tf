locals {
  alarms = merge(
    { for name, queue in local.dead_letter_queues : "${name}-dead-letters" => {
      description = "Dead letters of ${name} wait in ${queue.name}: find out why, then `tools/pipelines system redrive payment-events --env ${var.context.environment} --queue ${queue.redrive_as} --target aws`."
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
    { for name, function in var.service.functions : "${name}-dead-letter-errors" => {
      description = "An event that ${function.name} gave up on could not be sent to its dead-letter queue, and is lost."
      namespace   = "AWS/Lambda"
      metric_name = "DeadLetterErrors"
      section     = "A dead letter is lost"
      dimensions  = { FunctionName = function.name }
    } },
    {
      executions-failed = {
        description = "Executions of the workflow failed: their notifications are in the dead-letter queue of the step."
        namespace   = "AWS/States"
        metric_name = "ExecutionsFailed"
        section     = "Executions fail or run out of time"
        dimensions  = local.workflow
      }
      executions-timed-out = {
        description = "Executions of the workflow ran out of time: replay their notifications from the archive."
        namespace   = "AWS/States"
        metric_name = "ExecutionsTimedOut"
        section     = "Executions fail or run out of time"
        dimensions  = local.workflow
      }
      rule-failed-invocations = {
        description = "The rule could not start the workflow: the event is in the rule's dead-letter queue."
        namespace   = "AWS/Events"
        metric_name = "FailedInvocations"
        section     = "The rule cannot start the workflow"
        dimensions  = local.rule
      }
      rule-dead-letter-errors = {
        description = "An event that the rule gave up on could not be sent to its dead-letter queue: replay it from the archive."
        namespace   = "AWS/Events"
        metric_name = "InvocationsFailedToBeSentToDlq"
        section     = "A dead letter is lost"
        dimensions  = local.rule
      }
      topic-dead-letter-errors = {
        description = "A notification that the topic gave up on could not be sent to its dead-letter queue, and is lost."
        namespace   = "AWS/SNS"
        metric_name = "NumberOfNotificationsFailedToRedriveToDlq"
        section     = "A dead letter is lost"
        dimensions  = local.topic
      }
      unmatched-events = {
        description = "Events on the bus match no rule: see ${var.service.bus.unmatched.log_group.name}."
        namespace   = "AWS/Logs"
        metric_name = "IncomingLogEvents"
        section     = "The bus has events that match no rule"
        dimensions  = { LogGroupName = var.service.bus.unmatched.log_group.name }
      }
    },
  )
}

module "alarms" {
  source = "../../../alarms"

  alarms    = { for name, alarm in local.alarms : "event-processing-${name}-${var.context.suffix}" => alarm }
  runbook   = "docs/runbooks/payment-events.md"
  topic_arn = module.alarm_topic.topic.arn
}
