output "api_log_role" {
  description = "Role that API Gateway uses to write the logs of APIs."
  value       = module.api_gateway_account.role
}

output "log_policy" {
  description = "Resource policy that lets EventBridge, WAF and Step Functions write to log groups."
  value       = module.log_delivery.policy
}
