output "budget" {
  description = "The budget."
  value       = { name = aws_budgets_budget.this.name }
}
