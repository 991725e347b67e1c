alarms = {
  orders-errors-dev = {
    description = "orders-dev failed: its log says why."
    dimensions  = { FunctionName = "orders-dev" }
    metric_name = "Errors"
    namespace   = "AWS/Lambda"
  }
}
topic_arn = "arn:aws:sns:us-east-1:111122223333:orders-alarms-dev"
