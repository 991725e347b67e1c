output "rule" {
  description = "The rule. Its queue of dead letters may name it as a sender, so it does not wait for its target."
  value = {
    arn  = aws_cloudwatch_event_rule.this.arn
    name = aws_cloudwatch_event_rule.this.name
  }
}

output "target_id" {
  description = "Id of the rule's target, once the rule starts the workflow."
  value       = aws_cloudwatch_event_target.this.target_id
}
