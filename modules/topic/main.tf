locals {
  arn = "arn:aws:sns:${var.location.region}:${var.location.account_id}:${var.name}"
}

# The policy is inline, with the ARN built here, so that the topic is never without it.
resource "aws_sns_topic" "this" {
  name              = var.name
  kms_master_key_id = var.kms_key_id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "DenyWithoutTls"
          Effect    = "Deny"
          Principal = "*"
          Action    = "sns:Publish"
          Resource  = local.arn
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
        {
          Sid       = "Account"
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::${var.location.account_id}:root" }
          Action    = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:Subscribe"]
          Resource  = local.arn
        },
      ],
      [for name, publisher in var.publishers : {
        Sid       = replace(title(replace(name, "_", " ")), " ", "")
        Effect    = "Allow"
        Principal = { Service = publisher.service }
        Action    = "sns:Publish"
        Resource  = local.arn
        Condition = { ArnLike = { "aws:SourceArn" = publisher.source_arn } }
      }],
    )
  })
}
