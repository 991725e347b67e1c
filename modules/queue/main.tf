locals {
  arn_prefix        = "arn:aws:sqs:${var.location.region}:${var.location.account_id}"
  arn               = "${local.arn_prefix}:${local.name}"
  dead_letters_name = "${var.name}-dlq-${var.suffix}"
  name              = "${var.name}-${var.suffix}"
  seconds_a_day     = 86400
}

# Policies are inline, with the ARN built here. As resources of their own, each would add the 25 s that the provider waits for a change
# of a queue.
resource "aws_sqs_queue" "this" {
  name                       = local.name
  kms_master_key_id          = var.encryption.kms_key_arn
  message_retention_seconds  = var.retention_days * local.seconds_a_day
  sqs_managed_sse_enabled    = var.encryption.sqs_managed
  visibility_timeout_seconds = var.visibility_timeout_s

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "DenyWithoutTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = local.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      [for name, sender in var.senders : {
        Sid       = replace(title(replace(name, "_", " ")), " ", "")
        Effect    = "Allow"
        Principal = { Service = sender.service }
        Action    = "sqs:SendMessage"
        Resource  = local.arn
        Condition = { ArnEquals = { "aws:SourceArn" = sender.source_arn } }
      }],
    )
  })

  redrive_policy = var.dead_letters == null ? null : jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[0].arn
    maxReceiveCount     = var.dead_letters.max_receive_count
  })
}

resource "aws_sqs_queue" "dead_letters" {
  count = var.dead_letters == null ? 0 : 1

  name                       = local.dead_letters_name
  kms_master_key_id          = var.encryption.kms_key_arn
  message_retention_seconds  = 14 * local.seconds_a_day
  sqs_managed_sse_enabled    = var.encryption.sqs_managed
  visibility_timeout_seconds = var.dead_letters.visibility_timeout_s

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DenyWithoutTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = "${local.arn_prefix}:${local.dead_letters_name}"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.arn]
  })
}
