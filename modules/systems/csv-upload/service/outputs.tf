output "api" {
  description = "The API, with its stage, log groups and usage plan."
  value       = module.api.api
}

output "api_endpoint" {
  description = "URL that files are posted to."
  value       = "${module.api.api.url}/upload"
}

output "dead_letters" {
  description = "Queue of uploads that the workflow could not process."
  value       = module.dead_letters.queue
}

output "functions" {
  description = "Functions by their short names, with role and log group."
  value = {
    csv-validator       = module.csv_validator.function
    csv-validator-api   = module.csv_validator_api.function
    data-transformer    = module.data_transformer.function
    notification-sender = module.notification_sender.function
  }
}

output "log_group_names" {
  description = "All log groups of the system."
  value = sort([
    module.api.api.log_groups.access.name,
    module.api.api.log_groups.execution.name,
    module.csv_validator.function.log_group.name,
    module.csv_validator_api.function.log_group.name,
    module.data_transformer.function.log_group.name,
    module.notification_sender.function.log_group.name,
    module.web_acl.web_acl.log_group.name,
    module.workflow.workflow.log_group.name,
  ])
}

output "rule" {
  description = "Rule that starts the workflow for each file, once it does, with its dead-letter queue."
  value = {
    arn          = module.rule.rule.arn
    dead_letters = module.rule_dead_letters.queue
    name         = module.rule.rule.name
    target_id    = module.rule.target_id
  }
}

output "topic" {
  description = "Topic that says how each upload ended."
  value       = module.topic.topic
}

output "uploads_endpoint" {
  description = "URL that gives out forms for larger files; under it stands each upload's status."
  value       = "${module.api.api.url}/uploads"
}

output "web_acl" {
  description = "WAF web ACL in front of the API."
  value       = module.web_acl.web_acl
}

output "workflow" {
  description = "State machine that processes each file."
  value       = module.workflow.workflow
}
