output "workflow" {
  description = "The state machine."
  value = {
    arn       = aws_sfn_state_machine.this.arn
    log_group = module.log_group.log_group
    name      = aws_sfn_state_machine.this.name
    role_name = aws_iam_role.this.name
  }
}
