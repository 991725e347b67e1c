name     = "orders-dev"
period_s = 300
region   = "us-east-1"
widgets = [{
  title = "Errors (%)"
  metrics = [for function in ["reader", "writer"] : {
    namespace = "AWS/Lambda", name = "Errors", percent_of = "Invocations", label = function, dimensions = { FunctionName = "orders-${function}-dev" }
  }]
}]
