output "policy" {
  description = "The resource policy."
  value       = { name = aws_cloudwatch_log_resource_policy.this.policy_name }
}
