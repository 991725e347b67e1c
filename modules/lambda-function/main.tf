locals {
  name = "${var.name}-${var.suffix}"
  role = "${local.name}-${var.location.region}" # IAM has a role's name once in an account, and another region may have the same function

  # Lambda would send every failure twice if both were set.
  events_to  = var.asynchronous == null ? [] : var.asynchronous.record ? [] : module.dead_letters[*].queue.arn
  records_to = var.asynchronous == null ? [] : var.asynchronous.record ? module.dead_letters[*].queue.arn : []
}

module "log_group" {
  source = "../log-group"

  name           = "/aws/lambda/${local.name}"
  kms_key_arn    = var.keys.logs
  retention_days = var.log_retention_days
}

module "dead_letters" {
  count  = var.asynchronous == null ? 0 : 1
  source = "../queue"

  name       = "${var.name}-dlq"
  encryption = { kms_key_arn = var.keys.data }
  location   = var.location
  suffix     = var.suffix
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_117:The functions call only AWS APIs, and their roles name each resource; in a VPC each of those services would need an endpoint, and no requirement asks for a VPC
  #checkov:skip=CKV_AWS_272:Lambda checks signatures only of zips, not of the container images that these functions can also run from; zips are not signed, but named in the artefact bucket by the hash of their sources
  function_name                  = local.name
  description                    = var.description
  architectures                  = ["arm64"]
  handler                        = var.package.zip == null ? null : var.package.zip.handler
  image_uri                      = var.package.image == null ? null : var.package.image.uri
  kms_key_arn                    = var.keys.data
  memory_size                    = var.limits.memory_mb
  package_type                   = var.package.image == null ? "Zip" : "Image"
  reserved_concurrent_executions = max(1, floor(var.limits.reserved_concurrency * var.limits.reserved_percent / 100))
  role                           = aws_iam_role.this.arn
  runtime                        = var.package.zip == null ? null : var.package.zip.runtime
  s3_bucket                      = var.package.zip == null ? null : var.package.zip.bucket
  s3_key                         = var.package.zip == null ? null : var.package.zip.key
  timeout                        = var.limits.timeout_s

  dynamic "dead_letter_config" {
    for_each = local.events_to

    content {
      target_arn = dead_letter_config.value
    }
  }

  environment {
    variables = merge(
      var.environment,
      { REGION = var.location.region },
      { for queue in module.dead_letters[*].queue : "DEAD_LETTER_QUEUE_URL" => queue.url },
    )
  }

  tracing_config {
    mode = "Active"
  }

  # Without its log group the first invocation makes one, without key and retention. And Lambda refuses a dead-letter queue that the role
  # may not send to.
  depends_on = [aws_iam_role_policy.runtime, module.log_group]
}

# Set even where nobody invokes the function asynchronously yet: AWS's default of six hours is too long for an event.
resource "aws_lambda_function_event_invoke_config" "this" {
  count = var.asynchronous == null ? 0 : 1

  function_name                = aws_lambda_function.this.function_name
  maximum_event_age_in_seconds = var.asynchronous.maximum_age_s
  maximum_retry_attempts       = var.asynchronous.maximum_retries

  dynamic "destination_config" {
    for_each = local.records_to

    content {
      on_failure {
        destination = destination_config.value
      }
    }
  }
}

resource "aws_lambda_permission" "this" {
  for_each = var.invokers

  statement_id  = each.key
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  principal     = each.value.service
  source_arn    = each.value.source_arn
}

resource "aws_iam_role" "this" {
  name = local.role

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  lifecycle {
    precondition {
      condition     = length(local.role) <= 64
      error_message = "The role's name ${local.role} has ${length(local.role)} characters: give a shorter name or suffix (IAM allows 64)."
    }
  }
}

# A policy of its own: so the first plan already shows it, and a change of the others never touches it.
resource "aws_iam_role_policy" "guard" {
  name = "guard"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "DenyDestruction"
      Effect   = "Deny"
      Action   = ["dynamodb:DeleteTable", "s3:DeleteBucket"]
      Resource = "*"
    }]
  })
}

resource "aws_iam_role_policy" "runtime" {
  name = "runtime"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${module.log_group.log_group.arn}:*"
      },
      {
        # A policy cannot name resources of X-Ray.
        Sid      = "Trace"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = "*"
      },
      {
        # The environment, the dead letters, and the stores of the system are encrypted with it.
        Sid      = "DataKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = var.keys.data
      },
      ], [for arn in module.dead_letters[*].queue.arn : {
        Sid      = "DeadLetters"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = arn
    }])
  })
}

resource "aws_iam_role_policy" "permissions" {
  name = "permissions"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for name, permission in var.permissions : {
      Sid      = replace(title(replace(name, "_", " ")), " ", "")
      Effect   = "Allow"
      Action   = permission.actions
      Resource = permission.resources
    }]
  })
}
