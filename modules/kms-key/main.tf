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
      [for name, user in var.users : {
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
