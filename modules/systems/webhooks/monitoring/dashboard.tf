locals {
  # The metrics of each chart: several of one resource, or one of each function or queue.
  of_api = { for metric in ["Count", "4XXError", "5XXError", "Latency"] : metric => {
    namespace = "AWS/ApiGateway", name = metric, label = metric, dimensions = local.api
  } }
  of_functions = { for metric in ["Invocations", "Errors", "Throttles", "Duration"] : metric => [
    for name, function in var.service.functions : {
      namespace = "AWS/Lambda", name = metric, label = name, dimensions = { FunctionName = function.name }
    }
  ] }
  of_queues = { for metric in ["NumberOfMessagesSent", "ApproximateAgeOfOldestMessage"] : metric => [for name, queue in local.queues : {
    namespace = "AWS/SQS", name = metric, label = name, dimensions = { QueueName = queue }
  }] }
  of_dead_letters = [for name, queue in local.dead_letter_queues : {
    namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", label = name, dimensions = { QueueName = queue.name }
  }]
  of_table = [for metric in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"] : {
    namespace = "AWS/DynamoDB", name = metric, label = metric, dimensions = { TableName = var.data.table.name }
  }]
  of_web_acl = [for metric in ["AllowedRequests", "BlockedRequests"] : {
    namespace = "AWS/WAFV2", name = metric, label = metric, dimensions = { Region = var.context.region, Rule = "ALL", WebACL = var.service.web_acl.name }
  }]
}

module "dashboard" {
  source = "../../../dashboard"

  name   = "webhooks-${var.context.suffix}-${var.context.region}" # CloudWatch has a dashboard's name once in an account, not in a region
  region = var.context.region

  widgets = [
    { title = "Requests", metrics = [local.of_api["Count"], local.of_api["4XXError"], local.of_api["5XXError"]] },
    { title = "Web ACL", metrics = local.of_web_acl },
    { title = "Latency of the API, p99 (ms)", metrics = [local.of_api["Latency"]], statistic = "p99" },
    { title = "Invocations", metrics = local.of_functions["Invocations"] },
    { title = "Errors", metrics = local.of_functions["Errors"] },
    { title = "Throttles", metrics = local.of_functions["Throttles"] },
    { title = "Duration of functions, p99 (ms)", metrics = local.of_functions["Duration"], statistic = "p99" },
    { title = "Event table", metrics = local.of_table },
    { title = "Routed events", metrics = local.of_queues["NumberOfMessagesSent"] },
    { title = "Oldest message (s)", metrics = local.of_queues["ApproximateAgeOfOldestMessage"], statistic = "Maximum" },
    { title = "Dead letters", metrics = local.of_dead_letters, statistic = "Maximum" },
  ]
}
