locals {
  # The metrics of each chart: several of one resource, or one of each function or queue.
  of_functions = { for metric in ["Invocations", "Errors", "Throttles", "Duration"] : metric => [
    for name, function in var.service.functions : {
      namespace = "AWS/Lambda", name = metric, label = name, dimensions = { FunctionName = function.name }
    }
  ] }
  of_queues = [for name, queue in local.dead_letter_queues : {
    namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", label = name, dimensions = { QueueName = queue.name }
  }]
  of_rule = [for metric in ["MatchedEvents", "Invocations", "FailedInvocations"] : {
    namespace = "AWS/Events", name = metric, label = metric, dimensions = local.rule
  }]
  of_table = [for metric in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"] : {
    namespace = "AWS/DynamoDB", name = metric, label = metric, dimensions = { TableName = var.data.table.name }
  }]
  of_steps = [for step, metrics in {
    event-trigger   = ["EventsForwarded"]
    event-validator = ["EventsAccepted", "EventsRejected", "DuplicateEvents"]
    event-processor = ["EventsProcessed"]
    event-enricher  = ["EventsEnriched"]
    } : [for metric in metrics : {
      namespace = "PaymentEvents", name = metric, label = metric, dimensions = { service = step }
  }]]
  of_topic = [for metric in ["NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed"] : {
    namespace = "AWS/SNS", name = metric, label = metric, dimensions = local.topic
  }]
  of_workflow = { for metric in ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionTime"] : metric => {
    namespace = "AWS/States", name = metric, label = metric, dimensions = local.workflow
  } }
}

module "dashboard" {
  source = "../../../dashboard"

  name   = "event-processing-${var.context.suffix}-${var.context.region}" # CloudWatch has a dashboard's name once in an account, not in a region
  region = var.context.region

  widgets = [
    { title = "Topic", metrics = local.of_topic },
    { title = "Rule", metrics = local.of_rule },
    { title = "Events", metrics = flatten(local.of_steps) },
    { title = "Executions", metrics = [for name, metric in local.of_workflow : metric if name != "ExecutionTime"] },
    { title = "Invocations", metrics = local.of_functions["Invocations"] },
    { title = "Errors", metrics = local.of_functions["Errors"] },
    { title = "Throttles", metrics = local.of_functions["Throttles"] },
    { title = "Duration of functions, p99 (ms)", metrics = local.of_functions["Duration"], statistic = "p99" },
    { title = "Duration of executions, p99 (ms)", metrics = [local.of_workflow["ExecutionTime"]], statistic = "p99" },
    { title = "Audit table", metrics = local.of_table },
    { title = "Dead letters", metrics = local.of_queues, statistic = "Maximum" },
  ]
}
