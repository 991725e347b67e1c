locals {
  keys     = { data = var.data.keys.lambda.arn, logs = var.data.keys.lambda.arn }
  limits   = { memory_mb = 512, reserved_percent = var.context.reserved_concurrency_percent, timeout_s = 300 }
  location = { account_id = var.context.account_id, region = var.context.region }
  network  = { attached = var.context.functions_in_vpc, security_group_ids = [var.network.security_group_id], subnet_ids = var.network.subnet_ids }
  release  = jsondecode(file(var.context.release_manifest))["transaction-files"]

  # Artefacts are named by their content, so a function changes only when its code does.
  packages = { for name, artifact in local.release : name => {
    zip = { bucket = var.context.artifact_bucket, handler = artifact.handler, key = artifact.key, runtime = artifact.runtime }
  } }
  common_environments = { for name, artifact in local.release : name => {
    LOG_LEVEL                    = "INFO"
    POWERTOOLS_METRICS_NAMESPACE = "TransactionFiles"
    POWERTOOLS_SERVICE_NAME      = name
    RELEASE                      = artifact.hash
  } }
  environments = {
    dlq-processor = merge(local.common_environments["dlq-processor-function"], {
      ERRORS_TABLE = var.data.tables.errors.name
    })
    processor = merge(local.common_environments["processor-function"], {
      DEAD_LETTER_QUEUE_URL = module.main_queue.dead_letters.url
      FILES_TABLE           = var.data.tables.files.name
      MAIN_QUEUE_URL        = module.main_queue.queue.url
      TRANSACTIONS_TABLE    = var.data.tables.transactions.name
    })
  }
}

# Files to the processor. It stores their records; what is left of a file, and what fails for now, comes back to it through the main queue.
module "arrivals" {
  source = "../../../bucket-notifications"

  bucket_name  = var.data.bucket.name
  function_arn = module.processor.function.arn
  suffixes     = [".csv", ".json"]
}

module "processor" {
  source = "../../../lambda-function"

  name               = "lambda-transaction-processor"
  description        = "Reads files of transactions, stores each valid record once, and reports every other."
  environment        = local.environments["processor"]
  keys               = local.keys
  limits             = merge(local.limits, { reserved_concurrency = 100 })
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["processor-function"]
  suffix             = var.context.suffix
  vpc                = local.network

  # A file whose event Lambda gives up on must not disappear: the event becomes a dead letter like any other.
  asynchronous = { dead_letters = module.main_queue.dead_letters, maximum_age_s = 21600 }
  invokers     = { upload = { service = "s3.amazonaws.com", source_account = var.context.account_id, source_arn = var.data.bucket.arn } }
  # A tenth is left for files that arrive while the queue is long.
  queues = { main = { arn = module.main_queue.queue.arn, maximum_concurrency = 90 } }

  permissions = {
    decrypt = { actions = ["kms:Decrypt"], resources = [var.data.keys.dynamodb.arn, var.data.keys.s3.arn] }
    read    = { actions = ["s3:GetObject", "s3:GetObjectVersion"], resources = ["${var.data.bucket.arn}/*"] }
    send    = { actions = ["sqs:SendMessage"], resources = [module.main_queue.queue.arn, module.main_queue.dead_letters.arn] }
    store   = { actions = ["dynamodb:PutItem"], resources = [var.data.tables.files.arn, var.data.tables.transactions.arn] }
  }
}

# A message stays hidden for as long as a function may work on it, in both queues.
module "main_queue" {
  source = "../../../queue"

  name                 = "sqs-transactions"
  dead_letters         = { max_receive_count = 3, visibility_timeout_s = local.limits.timeout_s }
  encryption           = { kms_key_arn = local.keys.data }
  location             = local.location
  retention_days       = 14
  suffix               = var.context.suffix
  visibility_timeout_s = local.limits.timeout_s
}

# Dead letters to the table of errors. What it cannot store stays in the dead-letter queue.
module "dlq_processor" {
  source = "../../../lambda-function"

  name               = "lambda-dlq-processor"
  asynchronous       = null # only the queue invokes it
  description        = "Stores every dead letter in the table of errors, with what is wrong and where it came from."
  environment        = local.environments["dlq-processor"]
  keys               = local.keys
  limits             = merge(local.limits, { reserved_concurrency = 50 })
  location           = local.location
  log_retention_days = var.context.log_retention_days
  package            = local.packages["dlq-processor-function"]
  queues             = { dead_letters = { arn = module.main_queue.dead_letters.arn, maximum_concurrency = 50 } }
  suffix             = var.context.suffix
  vpc                = local.network

  permissions = {
    decrypt = { actions = ["kms:Decrypt"], resources = [var.data.keys.dynamodb.arn] }
    store   = { actions = ["dynamodb:PutItem"], resources = [var.data.tables.errors.arn] }
  }
}
