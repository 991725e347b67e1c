asynchronous = { maximum_age_s = 600, maximum_retries = 1 }
description  = "Checks orders."
invokers     = { topic = { service = "sns.amazonaws.com", source_arn = "arn:aws:sns:us-east-1:111122223333:orders-dev" } }
keys = {
  data = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  logs = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
}
limits             = { memory_mb = 1024, reserved_concurrency = 100, timeout_s = 15 }
location           = { account_id = "111122223333", region = "us-east-1" }
log_retention_days = 7
name               = "orders-validator"
package            = { image = { uri = "111122223333.dkr.ecr.us-east-1.amazonaws.com/orders-dev:validator-4f2a" } }
permissions        = { record = { actions = ["dynamodb:PutItem"], resources = ["arn:aws:dynamodb:us-east-1:111122223333:table/orders-dev"] } }
suffix             = "dev"
