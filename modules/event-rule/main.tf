locals {
  name = "${var.name}-${var.suffix}"
  role = "${local.name}-${var.location.region}" # IAM has a role's name once in an account, and another region may have the same rule
}

resource "aws_cloudwatch_event_rule" "this" {
  name           = local.name
  description    = var.description
  event_bus_name = var.bus_name
  event_pattern  = jsonencode(var.event_pattern)
}

resource "aws_cloudwatch_event_target" "this" {
  rule           = aws_cloudwatch_event_rule.this.name
  target_id      = "workflow"
  arn            = var.workflow_arn
  event_bus_name = var.bus_name
  input_path     = var.input_path
  role_arn       = aws_iam_role.this.arn

  dynamic "input_transformer" {
    for_each = var.input_fields[*]

    content {
      # A placeholder stands for the JSON of what it names, so it has no quotation marks around it.
      input_paths    = var.input_fields
      input_template = "{${join(", ", [for name in sort(keys(var.input_fields)) : "\"${name}\": <${name}>"])}}"
    }
  }

  dead_letter_config {
    arn = var.dead_letters.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = var.retries.maximum_age_s
    maximum_retry_attempts       = var.retries.maximum_retries
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role" "this" {
  name = local.role

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this.arn } }
    }]
  })

  lifecycle {
    # Rules have the same limit, and shorter names.
    precondition {
      condition     = length(local.role) <= 64
      error_message = "The role's name ${local.role} has ${length(local.role)} characters: give a shorter name or suffix (IAM allows 64)."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name = "start-workflow"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "StartWorkflow"
      Effect   = "Allow"
      Action   = "states:StartExecution"
      Resource = var.workflow_arn
    }]
  })
}
