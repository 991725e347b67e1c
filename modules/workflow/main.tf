locals {
  role = "${var.name}-${var.location.region}" # IAM has a role's name once in an account, and another region may have the same workflow
}

# The account's resource policy of CloudWatch Logs is limited in size. It admits everything under /aws/vendedlogs without naming each group.
module "log_group" {
  source = "../log-group"

  name           = "/aws/vendedlogs/states/${var.name}"
  kms_key_arn    = var.keys.logs
  retention_days = var.log_retention_days
}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_285:Execution data (`include_execution_data`) would put names, e-mail addresses and card numbers into the log; every event is logged without it
  name       = var.name
  type       = "EXPRESS"
  definition = var.definition
  role_arn   = aws_iam_role.this.arn

  # Without the data: it holds names and card numbers, which would be in the log at every step.
  logging_configuration {
    include_execution_data = false
    level                  = "ALL"
    log_destination        = "${module.log_group.log_group.arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  # The execution waits for a call to KMS for each new data key.
  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = var.keys.data
    kms_data_key_reuse_period_seconds = 300
  }

  # Step Functions checks at creation whether the role may deliver logs.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role" "this" {
  name = local.role

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        ArnLike      = { "aws:SourceArn" = "arn:aws:states:${var.location.region}:${var.location.account_id}:stateMachine:*" }
        StringEquals = { "aws:SourceAccount" = var.location.account_id }
      }
    }]
  })

  lifecycle {
    precondition {
      condition     = length(local.role) <= 64
      error_message = "The role's name ${local.role} has ${length(local.role)} characters: give a shorter name (IAM allows 64)."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name = "workflow"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "Steps"
        Effect   = "Allow"
        Action   = "lambda:InvokeFunction"
        Resource = var.function_arns
      },
      {
        Sid      = "DeadLetters"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = var.dead_letter_queue_arns
      },
      {
        Sid      = "DataKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = var.keys.data
      },
      {
        # A policy cannot name resources of log deliveries and X-Ray.
        Sid    = "LogAndTrace"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:DescribeLogGroups",
          "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:UpdateLogDelivery",
          "xray:GetSamplingRules",
          "xray:GetSamplingTargets",
          "xray:PutTelemetryRecords",
          "xray:PutTraceSegments",
        ]
        Resource = "*"
      },
      ], [for arns in [var.updated_table_arns] : {
        Sid      = "Statuses"
        Effect   = "Allow"
        Action   = "dynamodb:UpdateItem"
        Resource = arns
    } if length(arns) > 0])
  })
}
