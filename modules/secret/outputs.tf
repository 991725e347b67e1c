output "secret" {
  description = "The secret, without its values."
  value = {
    arn  = aws_secretsmanager_secret.this.arn
    name = aws_secretsmanager_secret.this.name
  }
}
