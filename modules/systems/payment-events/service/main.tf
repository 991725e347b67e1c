locals {
  # Every function writes its result for an event. A refused conditional put returns the item that is there, so no function needs to read.
  audit    = { actions = ["dynamodb:PutItem"], resources = [var.data.table.arn] }
  keys     = { data = var.data.keys.data.arn, logs = var.data.keys.logs.arn }
  location = { account_id = var.context.account_id, region = var.context.region }
  limits   = { memory_mb = 512, reserved_concurrency = 100, reserved_percent = var.context.reserved_concurrency_percent, timeout_s = 15 }
  release  = jsondecode(file(var.context.release_manifest))["payment-events"]

  # Artefacts are named by their content, so a function changes only when its code does.
  packages = { for name, artifact in local.release : name => {
    image = var.context.packaging == "image" ? { uri = "${var.data.repository.url}:${artifact.tag}" } : null
    zip = var.context.packaging == "zip" ? {
      bucket = var.context.artifact_bucket, handler = artifact.handler, key = artifact.key, runtime = artifact.runtime
    } : null
  } }
  environments = { for name, artifact in local.release : name => {
    AUDIT_TABLE_NAME             = var.data.table.name
    LOG_LEVEL                    = "INFO"
    POWERTOOLS_METRICS_NAMESPACE = "PaymentEvents"
    POWERTOOLS_SERVICE_NAME      = name
    RELEASE                      = artifact.hash
  } }
}

# Publisher to topic to trigger. A notification that Lambda does not accept goes to the subscription's queue. One that the trigger fails on goes
# to the trigger's queue.
module "topic" {
  source = "../../../topic"

  name       = "event-processing-payment-events-${var.context.suffix}"
  kms_key_id = "alias/aws/sns"
  location   = local.location
}

resource "aws_sns_topic_subscription" "event_trigger" {
  topic_arn      = module.topic.topic.arn
  protocol       = "lambda"
  endpoint       = module.event_trigger.function.arn
  redrive_policy = jsonencode({ deadLetterTargetArn = module.undelivered.queue.arn })
}

module "undelivered" {
  source = "../../../queue"

  name       = "event-processing-payment-events-dlq"
  encryption = { kms_key_arn = local.keys.data }
  location   = local.location
  suffix     = var.context.suffix

  senders = {
    topic = { service = "sns.amazonaws.com", source_arn = module.topic.topic.arn }
  }
}

module "event_trigger" {
  source = "../../../lambda-function"

  name               = "event-processing-event-trigger"
  description        = "Forwards payment notifications from the topic to the bus."
  environment        = merge(local.environments["event-trigger"], { EVENT_BUS_NAME = module.bus.bus.name })
  keys               = local.keys
  limits             = merge(local.limits, { timeout_s = 30 })
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["event-trigger"]
  suffix             = var.context.suffix

  invokers = {
    topic = { service = "sns.amazonaws.com", source_arn = module.topic.topic.arn }
  }
  permissions = {
    audit   = local.audit
    forward = { actions = ["events:PutEvents"], resources = [module.bus.bus.arn] }
  }
}

# Bus to rule to workflow.
module "bus" {
  source = "../../../event-bus"

  name               = "event-processing"
  event_source       = "payment-events"
  keys               = local.keys
  location           = local.location
  log_retention_days = var.context.log_retention_days
  suffix             = var.context.suffix

  routes = {
    payment-notification = { workflow_arn = module.workflow.workflow.arn }
  }
}

# The addresses from before the rule was a module of its own.
moved {
  from = module.bus.aws_cloudwatch_event_rule.this["payment-notification"]
  to   = module.bus.module.routes["payment-notification"].aws_cloudwatch_event_rule.this
}

moved {
  from = module.bus.aws_cloudwatch_event_target.this["payment-notification"]
  to   = module.bus.module.routes["payment-notification"].aws_cloudwatch_event_target.this
}

moved {
  from = module.bus.aws_iam_role.this["payment-notification"]
  to   = module.bus.module.routes["payment-notification"].aws_iam_role.this
}

moved {
  from = module.bus.aws_iam_role_policy.this["payment-notification"]
  to   = module.bus.module.routes["payment-notification"].aws_iam_role_policy.this
}

module "workflow" {
  source = "../../../workflow"

  name                   = "event-processing-workflow-${var.context.suffix}"
  dead_letter_queue_arns = [for step in local.steps : step.function.dead_letters.arn]
  definition             = local.workflow
  function_arns          = [for step in local.steps : step.function.arn]
  keys                   = local.keys
  location               = local.location
  log_retention_days     = var.context.log_retention_days
}

# Workflow to functions to audit table.
module "event_validator" {
  source = "../../../lambda-function"

  name        = "event-processing-event-validator"
  description = "Checks the schema and the quality of payment notifications."
  environment = merge(local.environments["event-validator"], {
    ACCEPT_TEST_EVENTS     = tostring(var.context.accept_test_events)
    MAXIMUM_EVENT_AGE_DAYS = "30"
  })
  keys               = local.keys
  limits             = local.limits
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["event-validator"]
  suffix             = var.context.suffix

  permissions = {
    audit = local.audit
  }
}

module "event_processor" {
  source = "../../../lambda-function"

  name               = "event-processing-event-processor"
  description        = "Turns each provider's format into one canonical payment record."
  environment        = local.environments["event-processor"]
  keys               = local.keys
  limits             = local.limits
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["event-processor"]
  suffix             = var.context.suffix

  permissions = {
    audit = local.audit
  }
}

module "event_enricher" {
  source = "../../../lambda-function"

  name               = "event-processing-event-enricher"
  description        = "Adds customer segment and risk score to payment records."
  environment        = local.environments["event-enricher"]
  keys               = local.keys
  limits             = local.limits
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["event-enricher"]
  suffix             = var.context.suffix

  permissions = {
    audit = local.audit
  }
}
