output "topic" {
  description = "The topic, once its subscription is asked for."
  value       = module.topic.topic
  depends_on  = [aws_sns_topic_subscription.email]
}
