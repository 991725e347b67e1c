locals {
  # The names that API Gateway gives to execution logs, and ours for access logs.
  log_groups = [for name in ["API-Gateway-Execution-Logs_*", "/aws/apigateway/*"] :
    "arn:aws:logs:${var.location.region}:${var.location.account_id}:log-group:${name}"
  ]
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.logs.arn
  reset_on_delete     = true

  # API Gateway tests the role when it is set, and refuses one that may not write.
  depends_on = [aws_iam_role_policy.logs]
}

resource "aws_iam_role" "logs" {
  name = var.name

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "apigateway.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

# What AmazonAPIGatewayPushToCloudWatchLogs allows, limited to the log groups of APIs.
resource "aws_iam_role_policy" "logs" {
  name = "logs"
  role = aws_iam_role.logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Groups"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:DescribeLogStreams", "logs:FilterLogEvents"]
        Resource = local.log_groups
      },
      {
        Sid      = "Streams"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:GetLogEvents", "logs:PutLogEvents"]
        Resource = [for arn in local.log_groups : "${arn}:log-stream:*"]
      },
      {
        # A policy cannot name a resource for this action.
        Sid      = "List"
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
    ]
  })
}
