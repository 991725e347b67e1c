locals {
  # The metrics of each chart: several of one resource, or one of each function, queue or table.
  of_functions = { for metric in ["Duration", "Errors", "Invocations", "Throttles"] : metric => [
    for name, function in var.service.functions : {
      namespace = "AWS/Lambda", name = metric, label = name, dimensions = { FunctionName = function.name }
    }
  ] }
  of_records = [for metric in ["RecordsStored", "RecordsPresent", "RecordsConflicts", "RecordsRejected"] : {
    namespace = "TransactionFiles", name = metric, label = metric, dimensions = local.counted_by["processor"]
  }]
  of_errors = [for metric in ["ErrorsRejected", "ErrorsConflict", "ErrorsUnreadable", "ErrorsNotProcessed", "ErrorsUnknown"] : {
    namespace = "TransactionFiles", name = metric, label = metric, dimensions = local.counted_by["dlq-processor"]
  }]
  of_queues = { for metric in ["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"] : metric => { for name in [local.dead_letters, local.main_queue] : name => {
    namespace = "AWS/SQS", name = metric, label = name, dimensions = { QueueName = name }
  } } }
  of_tables = { for metric in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"] : metric => [for name, table in var.data.tables : {
    namespace = "AWS/DynamoDB", name = metric, label = name, dimensions = { TableName = table.name }
  }] }
}

module "dashboard" {
  source = "../../../dashboard"

  name     = "transactions-${var.context.suffix}-${var.context.region}" # CloudWatch has a dashboard's name once in an account, not in a region
  period_s = 300
  region   = var.context.region

  widgets = [
    { title = "Records processed", metrics = local.of_records },
    { title = "Invocations", metrics = local.of_functions["Invocations"] },
    { title = "Error rate (%)", metrics = [for metric in local.of_functions["Errors"] : merge(metric, { percent_of = "Invocations" })] },
    { title = "Average duration (ms)", metrics = local.of_functions["Duration"], statistic = "Average" },
    { title = "Throttles", metrics = local.of_functions["Throttles"] },
    { title = "Errors kept", metrics = local.of_errors },
    { title = "Dead letters", metrics = [local.of_queues["ApproximateNumberOfMessagesVisible"][local.dead_letters]], statistic = "Maximum" },
    { title = "Segments that wait", metrics = [local.of_queues["ApproximateNumberOfMessagesVisible"][local.main_queue]], statistic = "Maximum" },
    { title = "Oldest message (s)", metrics = values(local.of_queues["ApproximateAgeOfOldestMessage"]), statistic = "Maximum" },
    { title = "Consumed write capacity", metrics = local.of_tables["ConsumedWriteCapacityUnits"] },
    { title = "Consumed read capacity", metrics = local.of_tables["ConsumedReadCapacityUnits"] },
  ]
}
