module "budget" {
  source = "../../../budget"

  name      = "financial-event-pipelines-${var.context.suffix}-${var.context.region}" # budgets belong to the account, not to a region
  email     = var.context.alarm_email
  limit_usd = var.context.monthly_budget_usd
}
