output "bus" {
  description = "The bus, once its rules deliver. `routes` has the rule and the dead-letter queue of each detail type."
  value = {
    archive_arn  = aws_cloudwatch_event_archive.this.arn
    arn          = aws_cloudwatch_event_bus.this.arn
    dead_letters = module.undecryptable.queue
    name         = aws_cloudwatch_event_bus.this.name
    routes = { for detail_type, route in module.routes : detail_type => {
      dead_letters = module.undelivered[detail_type].queue
      rule_arn     = route.rule.arn
      rule_name    = route.rule.name
    } }
    unmatched = {
      dead_letters = module.unmatched_undelivered.queue
      log_group    = module.unmatched.log_group
      rule_name    = aws_cloudwatch_event_rule.unmatched.name
    }
  }
  depends_on = [aws_cloudwatch_event_target.unmatched, module.routes]
}
