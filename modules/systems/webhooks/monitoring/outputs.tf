output "alarm_names" {
  description = "All alarms of the system."
  value       = module.alarms.alarms.names
}

output "alarm_topic" {
  description = "Topic that the alarms go to."
  value       = module.alarm_topic.topic
}

output "dashboard" {
  description = "Dashboard of the whole path."
  value       = module.dashboard.dashboard
}
