locals {
  ec2  = "arn:aws:ec2:${var.location.region}:${var.location.account_id}"
  name = "${var.name}-${var.suffix}"
  role = "${local.name}-${var.location.region}" # IAM has a role's name once in an account, and another region may have the same function

  # Lambda would send every failure twice if both were set.
  events_to  = var.asynchronous == null ? [] : var.asynchronous.record ? [] : local.dead_letters
  records_to = var.asynchronous == null ? [] : var.asynchronous.record ? local.dead_letters : []

  # Of the queue that exists, or of the module's own.
  dead_letters     = var.asynchronous == null ? [] : concat(var.asynchronous.dead_letters[*].arn, module.dead_letters[*].queue.arn)
  own_dead_letters = var.asynchronous == null ? false : var.asynchronous.dead_letters == null
}

module "log_group" {
  source = "../log-group"

  name           = "/aws/lambda/${local.name}"
  kms_key_arn    = var.keys.logs
  retention_days = var.log_retention_days
}

module "dead_letters" {
  count  = local.own_dead_letters ? 1 : 0
  source = "../queue"

  name       = "${var.name}-dlq"
  encryption = { kms_key_arn = var.keys.data }
  location   = var.location
  suffix     = var.suffix
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_117:Whether a function runs in a VPC is a setting (`vpc`): the functions call only AWS APIs, their roles name each resource, and in a VPC each of those services needs an endpoint
  #checkov:skip=CKV_AWS_272:Lambda checks signatures only of zips, not of the container images (`image_uri`) that these functions can also run from; zips are not signed, but named in the artefact bucket by the hash of their sources
  function_name                  = local.name
  description                    = var.description
  architectures                  = ["arm64"]
  handler                        = var.package.zip == null ? null : var.package.zip.handler
  image_uri                      = var.package.image == null ? null : var.package.image.uri
  kms_key_arn                    = var.keys.data
  memory_size                    = var.limits.memory_mb
  package_type                   = var.package.image == null ? "Zip" : "Image"
  reserved_concurrent_executions = max(length(var.queues) == 0 ? 1 : 2, floor(var.limits.reserved_concurrency * var.limits.reserved_percent / 100))
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

  dynamic "image_config" {
    for_each = var.package.image == null ? [] : var.package.image.handler[*]

    content {
      command = [image_config.value]
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

  dynamic "vpc_config" {
    for_each = [for vpc in var.vpc[*] : vpc if vpc.attached]

    content {
      security_group_ids = vpc_config.value.security_group_ids
      subnet_ids         = vpc_config.value.subnet_ids
    }
  }

  # Without its log group the first invocation makes one, without key and retention. Lambda refuses a dead-letter queue that the role may
  # not send to, and subnets in which it may not make network interfaces.
  depends_on = [
    aws_iam_role_policy.guard,
    aws_iam_role_policy.network,
    aws_iam_role_policy.permissions,
    aws_iam_role_policy.runtime,
    module.log_group,
  ]
}

# AWS takes no maximum below 2.
resource "aws_lambda_event_source_mapping" "this" {
  for_each = var.queues

  batch_size              = each.value.batch_size
  event_source_arn        = each.value.arn
  function_name           = aws_lambda_function.this.arn
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = max(2, floor(each.value.maximum_concurrency * var.limits.reserved_percent / 100))
  }

  lifecycle {
    precondition {
      condition     = sum(values(var.queues)[*].maximum_concurrency) <= var.limits.reserved_concurrency
      error_message = "queues may keep ${sum(values(var.queues)[*].maximum_concurrency)} instances busy, and limits.reserved_concurrency is ${var.limits.reserved_concurrency}: give no more. Batches that find no instance free return to their queue, and after some returns become dead letters."
    }
  }
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

  # The ARN of a bucket has no account.
  source_account = each.value.source_account
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
      ], [for arn in local.dead_letters : {
        Sid      = "DeadLetters"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = arn
        }], length(var.queues) == 0 ? [] : [{
        Sid      = "Consume"
        Effect   = "Allow"
        Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = values(var.queues)[*].arn
    }])
  })
}

# Lambda makes the network interfaces of a function in a VPC with the role of the function, and with it deletes them some minutes after the function
# has left. The function itself may not: requests of its code carry its ARN.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
resource "aws_iam_role_policy" "network" {
  #checkov:skip=CKV_FEP_12:Nobody knows the ids of network interfaces before Lambda makes them in a `vpc`
  count = var.vpc == null ? 0 : 1
  name  = "network"
  role  = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Attach"
        Effect = "Allow"
        Action = "ec2:CreateNetworkInterface"
        Resource = concat(
          ["${local.ec2}:network-interface/*"],
          [for id in var.vpc.security_group_ids : "${local.ec2}:security-group/${id}"],
          [for id in var.vpc.subnet_ids : "${local.ec2}:subnet/${id}"],
        )
      },
      {
        Sid      = "Detach"
        Effect   = "Allow"
        Action   = ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"]
        Resource = "${local.ec2}:network-interface/*"
      },
      {
        # A policy cannot name what they describe.
        Sid      = "Look"
        Effect   = "Allow"
        Action   = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
        Resource = "*"
      },
      {
        Sid    = "DenyItsCode"
        Effect = "Deny"
        Action = [
          "ec2:AssignPrivateIpAddresses",
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:DetachNetworkInterface",
          "ec2:UnassignPrivateIpAddresses",
        ]
        Resource  = "*"
        Condition = { ArnEquals = { "lambda:SourceFunctionArn" = "arn:aws:lambda:${var.location.region}:${var.location.account_id}:function:${local.name}" } }
      },
    ]
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
