output "function" {
  description = "The function, once its permissions are in place. `dead_letters` is null where it has no such queue."
  value = {
    arn          = aws_lambda_function.this.arn
    dead_letters = one(module.dead_letters[*].queue)
    log_group    = module.log_group.log_group
    name         = aws_lambda_function.this.function_name
    role_arn     = aws_iam_role.this.arn
    role_name    = aws_iam_role.this.name
  }
  depends_on = [
    aws_iam_role_policy.guard,
    aws_iam_role_policy.permissions,
    aws_iam_role_policy.runtime,
    aws_lambda_function_event_invoke_config.this,
    aws_lambda_permission.this,
  ]
}
