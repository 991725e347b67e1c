module "budget" {
  source = "../../../budget"

  name      = "financial-event-pipelines-${var.context.suffix}"
  email     = var.context.alarm_email
  limit_usd = var.context.monthly_budget_usd
}
