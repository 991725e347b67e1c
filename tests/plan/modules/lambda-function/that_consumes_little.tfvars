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
asynchronous = null
limits       = { reserved_concurrency = 50, reserved_percent = 1 }
queues = {
  main = { arn = "arn:aws:sqs:us-east-1:111122223333:orders-dev", batch_size = 1, maximum_concurrency = 50 }
}
