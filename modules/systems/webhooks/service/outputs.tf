output "api" {
  description = "The API, with its stage and log groups."
  value       = module.api.api
}

output "api_endpoint" {
  description = "URL that providers post to."
  value       = "${module.api.api.url}/webhook"
}

output "disputes_queue_url" {
  description = "URL of the queue of disputes."
  value       = module.queues["dispute"].queue.url
}

output "dynamodb_table_name" {
  description = "Name of the event table."
  value       = var.data.table.name
}

output "functions" {
  description = "Functions by their short names, with role, log group and dead-letter queue."
  value = {
    event-router      = module.event_router.function
    webhook-validator = module.webhook_validator.function
  }
}

output "log_group_names" {
  description = "All log groups of the system."
  value = sort([
    module.api.api.log_groups.access.name,
    module.api.api.log_groups.execution.name,
    module.event_router.function.log_group.name,
    module.web_acl.web_acl.log_group.name,
    module.webhook_validator.function.log_group.name,
  ])
}

output "payments_queue_url" {
  description = "URL of the queue of payments."
  value       = module.queues["payment"].queue.url
}

output "queues" {
  description = "Queues by the type of event that they take, each with its dead-letter queue."
  value       = { for type, queue in module.queues : type => merge(queue.queue, { dead_letters = queue.dead_letters }) }
}

output "refunds_queue_url" {
  description = "URL of the queue of refunds."
  value       = module.queues["refund"].queue.url
}

output "router_lambda_arn" {
  description = "ARN of the event router."
  value       = module.event_router.function.arn
}

output "validator_lambda_arn" {
  description = "ARN of the webhook validator."
  value       = module.webhook_validator.function.arn
}

output "web_acl" {
  description = "WAF web ACL in front of the API."
  value       = module.web_acl.web_acl
}
