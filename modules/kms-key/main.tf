locals {
  # CloudWatch Logs sends the group's ARN with each use: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
  logs = {
    service = "logs.${var.location.region}.amazonaws.com"
    actions = [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ]
    condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = [
      for name in var.log_groups : "arn:aws:logs:${var.location.region}:${var.location.account_id}:log-group:${name}"
    ] } }
  }
  users = merge(var.users, { for name, user in { logs = local.logs } : name => user if length(var.log_groups) > 0 })
}

# The account's root comes first, because without it nobody could change the policy again. It delegates to IAM, so that a role's own policy decides.
resource "aws_kms_key" "this" {
  description             = var.description
  deletion_window_in_days = var.destroyable ? 7 : 30
  enable_key_rotation     = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.location.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      }],
      [for name, user in local.users : {
        Sid       = replace(title(replace(name, "_", " ")), " ", "")
        Effect    = "Allow"
        Principal = { Service = user.service }
        Action    = user.actions
        Resource  = "*"
        Condition = user.condition
      }],
    )
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
