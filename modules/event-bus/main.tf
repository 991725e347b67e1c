locals {
  name      = "${var.name}-${var.suffix}"
  unmatched = "${var.name}-unmatched-${var.suffix}"

  # Built here, so that no queue waits for the rule or bus that sends to it. Otherwise the 25 s that the provider waits for each queue would add
  # up.
  arn_prefix = "arn:aws:events:${var.location.region}:${var.location.account_id}"
  bus_arn    = "${local.arn_prefix}:event-bus/${local.name}"
  rule_names = merge({ for name in keys(var.routes) : name => "${var.name}-${name}-${var.suffix}" }, { unmatched = local.unmatched })
  rule_arns  = { for name, rule in local.rule_names : name => "${local.arn_prefix}:rule/${local.name}/${rule}" }
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

module "routes" {
  source   = "../event-rule"
  for_each = var.routes

  name         = "${var.name}-${each.key}"
  bus_name     = aws_cloudwatch_event_bus.this.name
  dead_letters = module.undelivered[each.key].queue
  description  = "Starts a workflow with the detail of each ${each.key} of ${var.event_source}."
  input_path   = "$.detail"
  location     = var.location
  retries      = { maximum_age_s = each.value.maximum_age_s, maximum_retries = each.value.maximum_retries }
  suffix       = var.suffix
  workflow_arn = each.value.workflow_arn

  event_pattern = {
    source        = [var.event_source]
    "detail-type" = [each.key]
  }
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
