output "topic" {
  description = "The topic, once its subscription has been requested."
  value       = module.topic.topic
  depends_on  = [aws_sns_topic_subscription.email]
}
