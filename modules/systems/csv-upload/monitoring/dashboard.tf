locals {
  # The metrics of each chart: several of one resource, or one of each function, table or queue.
  of_api = { for metric in ["Count", "4XXError", "5XXError", "Latency"] : metric => {
    namespace = "AWS/ApiGateway", name = metric, label = metric, dimensions = local.api
  } }
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
  of_tables = [for name, table in var.data.tables : {
    namespace = "AWS/DynamoDB", name = "ConsumedWriteCapacityUnits", label = name, dimensions = { TableName = table.name }
  }]
  of_topic = [for metric in ["NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed"] : {
    namespace = "AWS/SNS", name = metric, label = metric, dimensions = local.topic
  }]
  of_web_acl = [for metric in ["AllowedRequests", "BlockedRequests"] : {
    namespace = "AWS/WAFV2", name = metric, label = metric, dimensions = { Region = var.context.region, Rule = "ALL", WebACL = var.service.web_acl.name }
  }]
  of_workflow = { for metric in ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionTime"] : metric => {
    namespace = "AWS/States", name = metric, label = metric, dimensions = local.workflow
  } }
}

module "dashboard" {
  source = "../../../dashboard"

  name   = "csv-upload-${var.context.suffix}-${var.context.region}" # CloudWatch has a dashboard's name once in an account, not in a region
  region = var.context.region

  widgets = [
    { title = "Requests", metrics = [local.of_api["Count"], local.of_api["4XXError"], local.of_api["5XXError"]] },
    { title = "Web ACL", metrics = local.of_web_acl },
    { title = "Latency of the API, p99 (ms)", metrics = [local.of_api["Latency"]], statistic = "p99" },
    { title = "Rule", metrics = local.of_rule },
    { title = "Executions", metrics = [for name, metric in local.of_workflow : metric if name != "ExecutionTime"] },
    { title = "Duration of executions, p99 (ms)", metrics = [local.of_workflow["ExecutionTime"]], statistic = "p99" },
    { title = "Invocations", metrics = local.of_functions["Invocations"] },
    { title = "Errors", metrics = local.of_functions["Errors"] },
    { title = "Throttles", metrics = local.of_functions["Throttles"] },
    { title = "Duration of functions, p99 (ms)", metrics = local.of_functions["Duration"], statistic = "p99" },
    { title = "Writes to the tables", metrics = local.of_tables },
    { title = "Notifications", metrics = local.of_topic },
    { title = "Dead letters", metrics = local.of_queues, statistic = "Maximum" },
  ]
}
