output "alarms" {
  description = "The alarms' names, sorted."
  value       = { names = sort(keys(aws_cloudwatch_metric_alarm.this)) }
}
