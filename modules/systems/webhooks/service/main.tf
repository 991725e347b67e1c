locals {
  keys     = { data = var.data.keys.data.arn, logs = var.data.keys.logs.arn }
  limits   = { memory_mb = 256, reserved_concurrency = 10, reserved_percent = var.context.reserved_concurrency_percent }
  location = { account_id = var.context.account_id, region = var.context.region }
  name     = "webhooks-${var.context.suffix}"
  document = file("${path.module}/openapi.yaml")
  release  = jsondecode(file(var.context.release_manifest))["webhooks"]

  event_types = yamldecode(local.document).components.schemas.WebhookEvent.properties.transaction_type.enum

  # Artefacts are named by their content, so a function changes only when its code does.
  packages = { for name, artifact in local.release : name => {
    zip = { bucket = var.context.artifact_bucket, handler = artifact.handler, key = artifact.key, runtime = artifact.runtime }
  } }
  environments = { for name, artifact in local.release : name => {
    LOG_LEVEL                    = "INFO"
    POWERTOOLS_METRICS_NAMESPACE = "Webhooks"
    POWERTOOLS_SERVICE_NAME      = name
    RELEASE                      = artifact.hash
  } }
}

# Provider to API to validator.
module "web_acl" {
  source = "../../../web-acl"

  name               = local.name
  description        = "Protects the API that takes webhooks."
  kms_key_arn        = local.keys.logs
  log_retention_days = var.context.log_retention_days
  redacted_headers   = ["authorization", "cookie", "x-webhook-signature"]

  # Half of what the API accepts in five minutes, so that no address can block the others.
  requests_per_5_minutes = 150000

  # A sender cannot change a body that it signed. If WAF blocked it for the words of a payment's description, or for its length, the event
  # would never arrive. And senders are programs that run in clouds, some without a User-Agent.
  counted_rules = {
    AWSManagedRulesAnonymousIpList = ["HostingProviderIPList"]
    AWSManagedRulesCommonRuleSet = [
      "CrossSiteScripting_BODY",
      "EC2MetaDataSSRF_BODY",
      "GenericLFI_BODY",
      "GenericRFI_BODY",
      "NoUserAgent_HEADER",
      "SizeRestrictions_BODY",
    ]
  }
}

module "api" {
  source = "../../../rest-api"

  name               = local.name
  description        = "Takes webhooks of payment providers."
  document           = local.document
  functions          = { receiveWebhook = { arn = module.webhook_validator.function.arn, name = module.webhook_validator.function.name } }
  kms_key_arn        = local.keys.logs
  location           = local.location
  log_retention_days = var.context.log_retention_days
  stage_name         = var.context.suffix
  throttling         = { burst = 1000, requests_per_second = 1000 }
  web_acl_arn        = module.web_acl.web_acl.arn
}

module "webhook_validator" {
  source = "../../../lambda-function"

  name               = "webhook-validator"
  asynchronous       = null # only the API invokes it, and waits
  description        = "Checks who sent a webhook and what it says, records it once, and hands it to the router."
  keys               = local.keys
  limits             = merge(local.limits, { reserved_concurrency = var.validator_concurrency, timeout_s = 30 })
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["webhook-validator"]
  suffix             = var.context.suffix

  environment = merge(local.environments["webhook-validator"], {
    DYNAMODB_TABLE     = var.data.table.name
    ROUTER_LAMBDA_NAME = module.event_router.function.name
    SIGNATURE_REQUIRED = tostring(var.signature_required)
    SIGNING_SECRET_ARN = var.data.signing_secret.arn
  })
  permissions = {
    hand_over = { actions = ["lambda:InvokeFunction"], resources = [module.event_router.function.arn] }
    record    = { actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [var.data.table.arn] }
    verify    = { actions = ["secretsmanager:GetSecretValue"], resources = [var.data.signing_secret.arn] }
  }
}

# Validator to router to queues. Nobody waits for the router, so Lambda repeats a failed invocation. After the last attempt the event becomes a
# dead letter that says why. An event that waits for a free router gets the longest time that Lambda allows.
module "event_router" {
  source = "../../../lambda-function"

  name               = "event-router"
  asynchronous       = { maximum_age_s = 21600, maximum_retries = 2, record = true }
  description        = "Sends each event to the queue of its type."
  keys               = local.keys
  limits             = merge(local.limits, { timeout_s = 60 })
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["event-router"]
  suffix             = var.context.suffix

  environment = merge(
    local.environments["event-router"],
    { for type, queue in module.queues : "${upper(type)}S_QUEUE_URL" => queue.queue.url },
  )
  permissions = {
    route = { actions = ["sqs:SendMessage"], resources = [for queue in module.queues : queue.queue.arn] }
  }
}

# Each type of event in the contract has a queue of its name.
module "queues" {
  source   = "../../../queue"
  for_each = toset(local.event_types)

  name                 = "${each.key}s-queue"
  dead_letters         = { max_receive_count = 3 }
  encryption           = { sqs_managed = true }
  location             = local.location
  retention_days       = 7
  suffix               = var.context.suffix
  visibility_timeout_s = 300
}

# The addresses from before one module made all queues.
moved {
  from = module.disputes_queue
  to   = module.queues["dispute"]
}

moved {
  from = module.payments_queue
  to   = module.queues["payment"]
}

moved {
  from = module.refunds_queue
  to   = module.queues["refund"]
}
