output "dead_letter_queue_arn" {
  description = "ARN of the dead-letter queue."
  value       = module.main_queue.dead_letters.arn
}

output "dead_letter_queue_url" {
  description = "URL of the dead-letter queue."
  value       = module.main_queue.dead_letters.url
}

output "dlq_processor_function_arn" {
  description = "ARN of the processor of dead letters."
  value       = module.dlq_processor.function.arn
}

output "dlq_processor_function_name" {
  description = "Name of the processor of dead letters."
  value       = module.dlq_processor.function.name
}

output "dlq_processor_log_group_name" {
  description = "Log group of the processor of dead letters."
  value       = module.dlq_processor.function.log_group.name
}

output "dlq_processor_role_arn" {
  description = "ARN of the role of the processor of dead letters."
  value       = module.dlq_processor.function.role_arn
}

output "function_environments" {
  description = "Environment variables of the functions, by the same names."
  sensitive   = true
  value       = local.environments
}

output "functions" {
  description = "Functions by their short names, with role and log group."
  value = {
    dlq-processor = module.dlq_processor.function
    processor     = module.processor.function
  }
}

output "log_group_names" {
  description = "All log groups of the system."
  value       = sort([module.dlq_processor.function.log_group.name, module.processor.function.log_group.name])
}

output "main_queue_arn" {
  description = "ARN of the main queue."
  value       = module.main_queue.queue.arn
}

output "main_queue_url" {
  description = "URL of the main queue."
  value       = module.main_queue.queue.url
}

output "notified_suffixes" {
  description = "Ends of the keys whose files are processed."
  value       = module.arrivals.suffixes
}

output "processor_function_arn" {
  description = "ARN of the processor."
  value       = module.processor.function.arn
}

output "processor_function_name" {
  description = "Name of the processor."
  value       = module.processor.function.name
}

output "processor_log_group_name" {
  description = "Log group of the processor."
  value       = module.processor.function.log_group.name
}

output "processor_role_arn" {
  description = "ARN of the role of the processor."
  value       = module.processor.function.role_arn
}

output "queues" {
  description = "Queues, each with its dead-letter queue: `main` holds what is left of files, and what failed for now."
  value       = { main = merge(module.main_queue.queue, { dead_letters = module.main_queue.dead_letters }) }
}
