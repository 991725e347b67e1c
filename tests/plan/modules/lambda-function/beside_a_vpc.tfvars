description = "Reads orders."
keys = {
  data = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  logs = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
}
location    = { account_id = "111122223333", region = "us-east-1" }
name        = "orders-reader"
package     = { zip = { bucket = "artifacts-dev", handler = "functions.orders.reader.handler", key = "orders/reader/4f2a.zip", runtime = "python3.11" } }
permissions = { record = { actions = ["dynamodb:PutItem"], resources = ["arn:aws:dynamodb:us-east-1:111122223333:table/orders-dev"] } }
suffix      = "dev"
limits      = { reserved_concurrency = 10 }
vpc = {
  attached           = false
  security_group_ids = ["sg-0a1b2c3d4e5f60718"]
  subnet_ids         = ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718"]
}
