output "role" {
  description = "The role that API Gateway writes logs with, once it is set."
  value = {
    arn  = aws_iam_role.logs.arn
    name = aws_iam_role.logs.name
  }
  depends_on = [aws_api_gateway_account.this]
}
