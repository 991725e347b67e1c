output "api_log_role" {
  description = "Role that API Gateway writes the logs of APIs with."
  value       = module.api_gateway_account.role
}

output "log_policy" {
  description = "Resource policy by which EventBridge, WAF and Step Functions write to log groups."
  value       = module.log_delivery.policy
}
