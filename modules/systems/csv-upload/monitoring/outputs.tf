output "alarm_names" {
  description = "Names of all alarms of the system, sorted."
  value       = module.alarms.alarms.names
}

output "alarm_topic" {
  description = "Topic that the alarms publish to."
  value       = module.alarm_topic.topic
}

output "dashboard" {
  description = "Dashboard of the system, from its front door to its store."
  value       = module.dashboard.dashboard
}
