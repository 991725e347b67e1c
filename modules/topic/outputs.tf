output "topic" {
  description = "The topic."
  value = {
    arn  = aws_sns_topic.this.arn
    name = aws_sns_topic.this.name
  }
}
