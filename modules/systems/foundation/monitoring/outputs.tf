output "budget" {
  description = "The monthly budget of the account."
  value       = module.budget.budget
}
