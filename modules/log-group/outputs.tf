output "log_group" {
  description = "The log group."
  value = {
    arn  = aws_cloudwatch_log_group.this.arn
    name = aws_cloudwatch_log_group.this.name
  }
}
