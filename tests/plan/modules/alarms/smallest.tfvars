alarms = {
  orders-errors-dev = {
    description = "orders-dev failed: its log says why."
    section     = "Orders fail"
    dimensions  = { FunctionName = "orders-dev" }
    metric_name = "Errors"
    namespace   = "AWS/Lambda"
  }
}
runbook   = "docs/runbooks/orders.md"
topic_arn = "arn:aws:sns:us-east-1:111122223333:orders-alarms-dev"
