alarms = {
  orders-errors-dev = {
    above       = 1
    description = "More than 1 % of the orders failed."
    section     = "Orders fail"
    dimensions  = { FunctionName = "orders-dev" }
    metric_name = "Errors"
    namespace   = "AWS/Lambda"
    percent_of  = "Invocations"
    period_s    = 300
  }
}
runbook   = "docs/runbooks/orders.md"
topic_arn = "arn:aws:sns:us-east-1:111122223333:orders-alarms-dev"
