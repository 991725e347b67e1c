# Point-in-time recovery ends when its table is deleted. These backups stay.
resource "aws_backup_vault" "this" {
  name          = var.name
  force_destroy = var.destroyable
  kms_key_arn   = var.kms_key_arn
}

resource "aws_backup_plan" "this" {
  name = var.name

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.this.name
    schedule          = "cron(0 3 * * ? *)"
    start_window      = 60
    completion_window = 360

    lifecycle {
      delete_after = var.retention_days
    }
  }
}

resource "aws_backup_selection" "this" {
  name         = var.name
  iam_role_arn = aws_iam_role.this.arn
  plan_id      = aws_backup_plan.this.id
  resources    = var.table_arns

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role" "this" {
  name = var.role_name

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "backup.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.location.account_id } }
    }]
  })
}

# What AWSBackupServiceRolePolicyForBackup allows for tables, limited to these tables, this vault and this key.
resource "aws_iam_role_policy" "this" {
  name = "backup"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Tables"
        Effect   = "Allow"
        Action   = ["dynamodb:CreateBackup", "dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob"]
        Resource = var.table_arns
      },
      {
        Sid      = "BackupsOfTables"
        Effect   = "Allow"
        Action   = ["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"]
        Resource = [for arn in var.table_arns : "${arn}/backup/*"]
      },
      {
        Sid      = "Vault"
        Effect   = "Allow"
        Action   = ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"]
        Resource = aws_backup_vault.this.arn
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
        Resource = var.kms_key_arn
      },
      {
        Sid       = "KeyForBackups"
        Effect    = "Allow"
        Action    = "kms:CreateGrant"
        Resource  = var.kms_key_arn
        Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
      },
    ]
  })
}
