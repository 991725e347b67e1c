module "budget" {
  source = "../../../budget"

  name      = "financial-event-pipelines-${var.context.suffix}-${var.context.region}" # AWS has a budget's name once in an account, not in a region
  email     = var.context.alarm_email
  limit_usd = var.context.monthly_budget_usd
}
