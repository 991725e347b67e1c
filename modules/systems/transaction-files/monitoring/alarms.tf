locals {
  redrive = "`tools/pipelines system redrive transaction-files --env ${var.context.environment} --target aws`"
  send    = "`tools/pipelines system send transaction-files <file> --env ${var.context.environment} --target aws`"
  status  = "`tools/pipelines system status transaction-files --env ${var.context.environment} --target aws`"

  alarms = merge(
    { for name, function in var.service.functions : "${name}-errors" => {
      description = "More than 1 % of the invocations of ${function.name} failed in each of two times five minutes: its log says why. What failed comes again by itself; ${local.status} shows what is in work."
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      section     = "A function fails"
      percent_of  = "Invocations"
      dimensions  = { FunctionName = function.name }
      period_s    = 300
      periods     = 2
      above       = 1
    } },
    { for name, function in var.service.functions : "${name}-throttles" => {
      description = "${function.name} was called more often than its reserved concurrency allows, in each of two times five minutes. Files and messages wait meanwhile; if this happens often, raise the concurrency."
      namespace   = "AWS/Lambda"
      metric_name = "Throttles"
      section     = "A function is throttled"
      dimensions  = { FunctionName = function.name }
      period_s    = 300
      periods     = 2
    } },
    {
      dead-letters-depth = {
        description = "More than 100 dead letters were in ${local.dead_letters} in each of two times five minutes: ${var.service.functions["dlq-processor"].name} does not keep up, or cannot store them. Its log says why. They are stored by themselves once it can."
        namespace   = "AWS/SQS"
        metric_name = "ApproximateNumberOfMessagesVisible"
        section     = "More than 100 dead letters"
        dimensions  = { QueueName = local.dead_letters }
        statistic   = "Maximum"
        period_s    = 300
        periods     = 2
        above       = 100
      }
      dead-letters-age = {
        description = "A dead letter has been in ${local.dead_letters} for more than an hour: ${var.service.functions["dlq-processor"].name} cannot store it, and its log says why (\"the letter comes again\"). SQS deletes it 14 days after it was sent."
        namespace   = "AWS/SQS"
        metric_name = "ApproximateAgeOfOldestMessage"
        section     = "A dead letter is older than an hour"
        dimensions  = { QueueName = local.dead_letters }
        statistic   = "Maximum"
        period_s    = 300
        above       = 3600
      }
      dead-letters-lost = {
        description = "Lambda gave up on an event of S3, and could not send it to ${local.dead_letters}: a file was uploaded and is not processed. ${local.status} names it; upload it again with ${local.send}."
        namespace   = "AWS/Lambda"
        metric_name = "DeadLetterErrors"
        section     = "An event of S3 is lost"
        dimensions  = { FunctionName = var.service.functions["processor"].name }
      }
      not-processed = {
        description = "A file, or a segment of one, could not be processed and is in the table of errors: find out why with ${local.status} and the log of ${var.service.functions["processor"].name}, then ${local.redrive}."
        namespace   = "TransactionFiles"
        metric_name = "ErrorsNotProcessed"
        section     = "Something could not be processed"
        dimensions  = local.counted_by["dlq-processor"]
        period_s    = 300
      }
      unknown-letters = {
        description = "${local.dead_letters} had a message that is no letter of this system. It is in the table of errors with the classification unknown: find out who sends to the queue."
        namespace   = "TransactionFiles"
        metric_name = "ErrorsUnknown"
        section     = "A message is not understood"
        dimensions  = local.counted_by["dlq-processor"]
        period_s    = 300
      }
      queue-age = {
        description = "A segment of a file has waited in ${local.main_queue} for more than 30 minutes: ${var.service.functions["processor"].name} does not keep up, or its segments fail. ${local.status} shows how many wait; its log says what fails."
        namespace   = "AWS/SQS"
        metric_name = "ApproximateAgeOfOldestMessage"
        section     = "A segment has waited for 30 minutes"
        dimensions  = { QueueName = local.main_queue }
        statistic   = "Maximum"
        period_s    = 300
        above       = 1800
      }
    },
  )
}

module "alarms" {
  source = "../../../alarms"

  alarms    = { for name, alarm in local.alarms : "transactions-${name}-${var.context.suffix}" => alarm }
  runbook   = "docs/runbooks/transaction-files.md"
  topic_arn = module.alarm_topic.topic.arn
}
