locals {
  keys     = { data = var.data.keys.data.arn, logs = var.data.keys.logs.arn }
  limits   = { reserved_concurrency = 20, reserved_percent = var.context.reserved_concurrency_percent }
  location = { account_id = var.context.account_id, region = var.context.region }
  name     = "csv-upload-${var.context.suffix}"
  document = file("${path.module}/openapi.yaml")
  release  = jsondecode(file(var.context.release_manifest))["csv-upload"]

  # Artefacts are named by their content, so a function changes only when its code does. Two functions run from one: in it stands the handler of
  # the API beside that of the workflow.
  handlers = merge(
    { for name, artifact in local.release : name => artifact.handler },
    { csv-validator-api = replace(local.release["csv-validator"].handler, "/[.]handler$/", ".api_handler") },
  )
  artifacts = merge(local.release, { csv-validator-api = local.release["csv-validator"] })
  packages = { for name, artifact in local.artifacts : name => {
    image = var.context.packaging == "image" ? {
      handler = name == "csv-validator-api" ? local.handlers[name] : null
      uri     = "${var.data.repositories[name == "csv-validator-api" ? "csv-validator" : name].url}:${artifact.tag}"
    } : null
    zip = var.context.packaging == "zip" ? {
      bucket = var.context.artifact_bucket, handler = local.handlers[name], key = artifact.key, runtime = artifact.runtime
    } : null
  } }
  environments = { for name, artifact in local.artifacts : name => {
    LOG_LEVEL                    = "INFO"
    POWERTOOLS_METRICS_NAMESPACE = "CsvUpload"
    POWERTOOLS_SERVICE_NAME      = name
    RELEASE                      = artifact.hash
    STATUS_TABLE                 = var.data.tables.status.name
  } }

  # Client to API to bucket.
  incoming    = "${var.data.bucket.arn}/incoming/*"
  rejected    = "${var.data.bucket.arn}/rejected/*"
  validated   = "${var.data.bucket.arn}/validated/*"
  read        = { actions = ["s3:GetObject", "s3:GetObjectVersion"], resources = [local.incoming, local.validated] }
  status      = { actions = ["dynamodb:UpdateItem"], resources = [var.data.tables.status.arn] }
  read_status = { actions = ["dynamodb:GetItem"], resources = [var.data.tables.status.arn] }
}

module "web_acl" {
  source = "../../../web-acl"

  name               = local.name
  description        = "Protects the API that takes CSV files."
  kms_key_arn        = local.keys.logs
  log_retention_days = var.context.log_retention_days
  redacted_headers   = ["authorization", "cookie", "x-api-key"]

  # Half of what the API accepts in five minutes, so that no address can block the others.
  requests_per_5_minutes = 7500

  # A file is longer than what WAF inspects, and holds what people wrote about payments: blocked for its words or its length, it would never
  # arrive. And senders are programs that run in clouds, some without a User-Agent.
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
  description        = "Takes CSV files, and says what has become of them."
  document           = local.document
  functions          = { for operation in ["createUpload", "getUpload", "uploadFile"] : operation => { arn = module.csv_validator_api.function.arn, name = module.csv_validator_api.function.name } }
  kms_key_arn        = local.keys.logs
  location           = local.location
  log_retention_days = var.context.log_retention_days
  stage_name         = var.context.suffix
  throttling         = { burst = 100, requests_per_second = 50 }
  too_large          = "the file has over 4194304 bytes: get a form for it by POST /uploads"
  usage_plan         = { burst = 50, requests_per_day = 100000, requests_per_second = 20 }
  web_acl_arn        = module.web_acl.web_acl.arn
}

module "csv_validator_api" {
  source = "../../../lambda-function"

  name               = "csv-validator-api"
  asynchronous       = null # only the API invokes it, and waits
  description        = "Takes CSV files and stores them, and says what has become of them."
  keys               = local.keys
  limits             = merge(local.limits, { timeout_s = 29 }) # as long as API Gateway waits
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["csv-validator-api"]
  suffix             = var.context.suffix

  environment = merge(local.environments["csv-validator-api"], {
    BUCKET_KEY_ARN = local.keys.data
    BUCKET_NAME    = var.data.bucket.name
  })
  # A form for a larger file is signed in this role: whoever has the form may put one object under its key.
  permissions = {
    read_status = local.read_status
    status      = local.status
    store       = { actions = ["s3:PutObject"], resources = [local.incoming, local.validated] }
  }
}

# Bucket to rule to workflow. An event that cannot start the workflow goes to the rule's queue.
module "rule" {
  source = "../../../event-rule"

  name         = "csv-upload-arrivals"
  dead_letters = module.rule_dead_letters.queue
  description  = "Starts the workflow for each file that arrives."
  location     = local.location
  suffix       = var.context.suffix
  workflow_arn = module.workflow.workflow.arn

  event_pattern = {
    source        = ["aws.s3"]
    "detail-type" = ["Object Created"]
    resources     = [var.data.bucket.arn]
    detail        = { object = { key = [{ prefix = "incoming/" }, { prefix = "validated/" }] } }
  }
  input_fields = {
    bucket     = "$.detail.bucket.name"
    key        = "$.detail.object.key"
    size       = "$.detail.object.size"
    version_id = "$.detail.object.version-id"
  }
}

module "rule_dead_letters" {
  source = "../../../queue"

  name       = "csv-upload-rule-dlq"
  encryption = { kms_key_arn = local.keys.data }
  location   = local.location
  suffix     = var.context.suffix

  senders = {
    rule = { service = "events.amazonaws.com", source_arn = module.rule.rule.arn }
  }
}

module "workflow" {
  source = "../../../workflow"

  name                   = local.name
  dead_letter_queue_arns = [module.dead_letters.queue.arn]
  definition             = local.workflow
  function_arns          = [for step in local.steps : step.function.arn]
  keys                   = local.keys
  location               = local.location
  log_retention_days     = var.context.log_retention_days
  updated_table_arns     = [var.data.tables.status.arn]
}

module "dead_letters" {
  source = "../../../queue"

  name       = "csv-upload-dlq"
  encryption = { kms_key_arn = local.keys.data }
  location   = local.location
  suffix     = var.context.suffix
}

# Workflow to functions to tables and topic. They are invoked synchronously: what fails is the workflow's to retry and to keep.
module "csv_validator" {
  source = "../../../lambda-function"

  name               = "csv-validator"
  asynchronous       = null
  description        = "Checks every row of a file, and stores the rows that cannot be used beside it."
  keys               = local.keys
  limits             = merge(local.limits, { memory_mb = 1769, timeout_s = local.timeouts_s["csv-validator"] - 2 })
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["csv-validator"]
  suffix             = var.context.suffix

  environment = merge(local.environments["csv-validator"], {
    BUCKET_NAME           = var.data.bucket.name
    MINIMUM_VALID_PERCENT = tostring(var.minimum_valid_percent)
  })
  permissions = {
    keep_rejected = { actions = ["s3:PutObject"], resources = [local.rejected] }
    read          = local.read
    status        = local.status
  }
}

module "data_transformer" {
  source = "../../../lambda-function"

  name               = "data-transformer"
  asynchronous       = null
  description        = "Brings the valid rows of a file into one form, and stores each once."
  keys               = local.keys
  limits             = merge(local.limits, { memory_mb = 1769, timeout_s = local.timeouts_s["data-transformer"] - 2 })
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["data-transformer"]
  suffix             = var.context.suffix

  environment = merge(local.environments["data-transformer"], {
    TRANSACTIONS_TABLE = var.data.tables.transactions.name
  })
  permissions = {
    read   = local.read
    status = local.status
    store  = { actions = ["dynamodb:PutItem"], resources = [var.data.tables.transactions.arn] }
  }
}

module "notification_sender" {
  source = "../../../lambda-function"

  name               = "notification-sender"
  asynchronous       = null
  description        = "Tells the topic how an upload ended."
  keys               = local.keys
  limits             = merge(local.limits, { timeout_s = local.timeouts_s["notification-sender"] - 2 })
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["notification-sender"]
  suffix             = var.context.suffix

  environment = merge(local.environments["notification-sender"], {
    TOPIC_ARN = module.topic.topic.arn
  })
  permissions = {
    read_status = local.read_status
    notify      = { actions = ["sns:Publish"], resources = [module.topic.topic.arn] }
    status      = local.status
  }
}

module "topic" {
  source = "../../../topic"

  name       = "csv-upload-notifications-${var.context.suffix}"
  kms_key_id = local.keys.data
  location   = local.location
}
