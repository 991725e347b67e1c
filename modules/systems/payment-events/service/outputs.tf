output "bus" {
  description = "Bus, with the rule and the dead-letter queue of each detail type."
  value       = module.bus.bus
}

output "functions" {
  description = "Functions by their short names, with role, log group and dead-letter queue."
  value = {
    event-enricher  = module.event_enricher.function
    event-processor = module.event_processor.function
    event-trigger   = module.event_trigger.function
    event-validator = module.event_validator.function
  }
}

output "log_group_names" {
  description = "All log groups of the system."
  value = sort([
    module.bus.bus.unmatched.log_group.name,
    module.event_enricher.function.log_group.name,
    module.event_processor.function.log_group.name,
    module.event_trigger.function.log_group.name,
    module.event_validator.function.log_group.name,
    module.workflow.workflow.log_group.name,
  ])
}

output "topic" {
  description = "Topic that payment notifications are published to."
  value = {
    arn          = module.topic.topic.arn
    dead_letters = module.undelivered.queue
    name         = module.topic.topic.name
  }
  depends_on = [aws_sns_topic_subscription.event_trigger]
}

output "workflow" {
  description = "State machine that processes each notification."
  value       = module.workflow.workflow
}
