output "alarm_names" {
  description = "Names of all alarms of the system, sorted."
  value       = module.alarms.alarms.names
}

output "alarm_topic" {
  description = "Topic that the alarms publish to."
  value       = module.alarm_topic.topic
}

output "alarm_topic_arn" {
  description = "ARN of the topic that the alarms publish to."
  value       = module.alarm_topic.topic.arn
}

output "dashboard" {
  description = "Dashboard of the system, from its files to its tables."
  value       = module.dashboard.dashboard
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = module.dashboard.dashboard.name
}
