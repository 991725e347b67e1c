output "function" {
  description = "The function, once its permissions are in place. `dead_letters` is null where it has no such queue of its own."
  value = {
    arn          = aws_lambda_function.this.arn
    dead_letters = one(module.dead_letters[*].queue)
    log_group    = module.log_group.log_group
    name         = aws_lambda_function.this.function_name
    role_arn     = aws_iam_role.this.arn
    role_name    = aws_iam_role.this.name
  }
  depends_on = [
    aws_lambda_event_source_mapping.this,
    aws_lambda_function_event_invoke_config.this,
    aws_lambda_permission.this,
  ]
}
