locals {
  name      = "${var.name}-${var.suffix}"
  unmatched = "${var.name}-unmatched-${var.suffix}"

  # Built here, so that no queue waits for the rule or bus that sends to it. Otherwise the 25 s that the provider waits for each queue would add
  # up.
  arn_prefix = "arn:aws:events:${var.location.region}:${var.location.account_id}"
  bus_arn    = "${local.arn_prefix}:event-bus/${local.name}"
  rule_names = merge({ for name in keys(var.routes) : name => "${var.name}-${name}-${var.suffix}" }, { unmatched = local.unmatched })
  rule_arns  = { for name, rule in local.rule_names : name => "${local.arn_prefix}:rule/${local.name}/${rule}" }

  # IAM has a role's name once in an account, and another region may have the same bus.
  roles = { for name in keys(var.routes) : name => "${local.rule_names[name]}-${var.location.region}" }
}

resource "aws_cloudwatch_event_bus" "this" {
  name               = local.name
  kms_key_identifier = var.keys.data

  # When the key fails, EventBridge has already accepted the event from its sender.
  dead_letter_config {
    arn = module.undecryptable.queue.arn
  }
}

# SQS's own key encrypts it, because the bus's key is the one that failed.
module "undecryptable" {
  source = "../queue"

  name       = "${var.name}-bus-dlq"
  encryption = { sqs_managed = true }
  location   = var.location
  suffix     = var.suffix

  senders = {
    bus = { service = "events.amazonaws.com", source_arn = local.bus_arn }
  }
}

# The provider has no argument for an archive's key. AWS encrypts the archive with a key of its own.
resource "aws_cloudwatch_event_archive" "this" {
  name             = local.name
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  retention_days   = var.archive_days
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = var.routes

  name           = local.rule_names[each.key]
  description    = "Starts a workflow with the detail of each ${each.key} of ${var.event_source}."
  event_bus_name = aws_cloudwatch_event_bus.this.name

  event_pattern = jsonencode({
    source        = [var.event_source]
    "detail-type" = [each.key]
  })
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = var.routes

  rule           = aws_cloudwatch_event_rule.this[each.key].name
  target_id      = "workflow"
  arn            = each.value.workflow_arn
  event_bus_name = aws_cloudwatch_event_bus.this.name
  input_path     = "$.detail"
  role_arn       = aws_iam_role.this[each.key].arn

  dead_letter_config {
    arn = module.undelivered[each.key].queue.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = each.value.maximum_age_s
    maximum_retry_attempts       = each.value.maximum_retries
  }

  depends_on = [aws_iam_role_policy.this]
}

module "undelivered" {
  source   = "../queue"
  for_each = var.routes

  name       = "${var.name}-${each.key}-dlq"
  encryption = { kms_key_arn = var.keys.data }
  location   = var.location
  suffix     = var.suffix

  senders = {
    rule = {
      service    = "events.amazonaws.com"
      source_arn = local.rule_arns[each.key]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = var.routes

  name = local.roles[each.key]

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.this[each.key].arn } }
    }]
  })

  lifecycle {
    # Rules have the same limit, and shorter names.
    precondition {
      condition     = length(local.roles[each.key]) <= 64
      error_message = "The role's name ${local.roles[each.key]} has ${length(local.roles[each.key])} characters: give a shorter name, suffix or detail type in routes (IAM allows 64)."
    }
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = var.routes

  name = "start-workflow"
  role = aws_iam_role.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "StartWorkflow"
      Effect   = "Allow"
      Action   = "states:StartExecution"
      Resource = each.value.workflow_arn
    }]
  })
}

# An event without a route must not disappear. One with a wrong source or detail type ends here, where an alarm sees it.
resource "aws_cloudwatch_event_rule" "unmatched" {
  name           = local.unmatched
  description    = "Writes what no route takes to a log group."
  event_bus_name = aws_cloudwatch_event_bus.this.name

  event_pattern = jsonencode({
    "$or" = [
      { source = [{ "anything-but" = [var.event_source] }] },
      { "detail-type" = [{ "anything-but" = keys(var.routes) }] },
    ]
  })
}

resource "aws_cloudwatch_event_target" "unmatched" {
  rule           = aws_cloudwatch_event_rule.unmatched.name
  target_id      = "log-group"
  arn            = module.unmatched.log_group.arn
  event_bus_name = aws_cloudwatch_event_bus.this.name

  dead_letter_config {
    arn = module.unmatched_undelivered.queue.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }
}

# EventBridge writes only to log groups under /aws/events. The account's one resource policy of CloudWatch Logs admits it there.
module "unmatched" {
  source = "../log-group"

  name           = "/aws/events/${local.unmatched}"
  kms_key_arn    = var.keys.logs
  retention_days = var.log_retention_days
}

module "unmatched_undelivered" {
  source = "../queue"

  name       = "${var.name}-unmatched-dlq"
  encryption = { kms_key_arn = var.keys.data }
  location   = var.location
  suffix     = var.suffix

  senders = {
    rule = {
      service    = "events.amazonaws.com"
      source_arn = local.rule_arns.unmatched
    }
  }
}
