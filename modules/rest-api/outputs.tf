output "api" {
  description = "The API, once its stage accepts requests. `usage_plan_id` is null where no operation asks for an API key."
  value = {
    arn           = aws_api_gateway_stage.this.arn
    execution_arn = aws_api_gateway_rest_api.this.execution_arn
    id            = aws_api_gateway_rest_api.this.id
    log_groups    = { access = module.access_log.log_group, execution = module.execution_log.log_group }
    name          = aws_api_gateway_rest_api.this.name
    stage_name    = aws_api_gateway_stage.this.stage_name
    url           = aws_api_gateway_stage.this.invoke_url
    usage_plan_id = one(aws_api_gateway_usage_plan.this[*].id)
  }
  depends_on = [
    aws_api_gateway_method_settings.this,
    aws_lambda_permission.this,
    aws_wafv2_web_acl_association.this,
  ]
}
