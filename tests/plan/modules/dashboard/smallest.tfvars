name   = "orders-dev"
region = "us-east-1"
widgets = [for title in ["Errors", "Throttles", "Invocations", "Duration"] : {
  title     = title
  statistic = title == "Duration" ? "p99" : "Sum"
  metrics   = [{ namespace = "AWS/Lambda", name = title, label = "validator", dimensions = { FunctionName = "orders-validator-dev" } }]
}]
