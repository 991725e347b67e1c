description = "Reads orders."
keys = {
  data = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  logs = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
}
location     = { account_id = "111122223333", region = "us-east-1" }
name         = "orders-reader"
package      = { zip = { bucket = "artifacts-dev", handler = "functions.orders.reader.handler", key = "orders/reader/4f2a.zip", runtime = "python3.11" } }
permissions  = { record = { actions = ["dynamodb:PutItem"], resources = ["arn:aws:dynamodb:us-east-1:111122223333:table/orders-dev"] } }
suffix       = "dev"
asynchronous = { dead_letters = { arn = "arn:aws:sqs:us-east-1:111122223333:orders-dlq-dev" } }
invokers     = { upload = { service = "s3.amazonaws.com", source_account = "111122223333", source_arn = "arn:aws:s3:::s3-orders-dev" } }
limits       = { reserved_concurrency = 100, timeout_s = 300 }
queues = {
  main = { arn = "arn:aws:sqs:us-east-1:111122223333:orders-dev", maximum_concurrency = 90 }
}
