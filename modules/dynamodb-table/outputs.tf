output "table" {
  description = "The table."
  value = {
    arn  = aws_dynamodb_table.this.arn
    name = aws_dynamodb_table.this.name
  }
}
