locals {
  arn_tail = "${var.location.region}:${var.location.account_id}"
  groups   = "arn:aws:logs:${local.arn_tail}:log-group"
}

# The services that write to log groups with their own principal, each in the form that AWS documents. An account may have ten such policies
# in a region, so this one names groups by their prefix, not one by one.
resource "aws_cloudwatch_log_resource_policy" "this" {
  policy_name = var.name

  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # EventBridge sends no source ARN when it creates a stream.
        Sid       = "EventBridgeStreams"
        Effect    = "Allow"
        Principal = { Service = ["delivery.logs.amazonaws.com", "events.amazonaws.com"] }
        Action    = "logs:CreateLogStream"
        Resource  = "${local.groups}:/aws/events/*:*"
      },
      {
        Sid       = "EventBridgeEvents"
        Effect    = "Allow"
        Principal = { Service = ["delivery.logs.amazonaws.com", "events.amazonaws.com"] }
        Action    = "logs:PutLogEvents"
        Resource  = "${local.groups}:/aws/events/*:*"
        Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:events:${local.arn_tail}:rule/*" } }
      },
      {
        Sid       = "Deliveries" # of WAF and of Step Functions
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource  = ["${local.groups}:/aws/vendedlogs/*:log-stream:*", "${local.groups}:aws-waf-logs-*:log-stream:*"]
        Condition = {
          ArnLike      = { "aws:SourceArn" = "arn:aws:logs:${local.arn_tail}:*" }
          StringEquals = { "aws:SourceAccount" = var.location.account_id }
        }
      },
    ]
  })
}
