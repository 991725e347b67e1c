description = "Checks orders."
environment = { TABLE_NAME = "orders-dev" }
keys = {
  data = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  logs = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
}
limits      = { reserved_concurrency = 10 }
location    = { account_id = "111122223333", region = "us-east-1" }
name        = "orders-validator"
package     = { zip = { bucket = "artifacts-dev", handler = "functions.orders.validator.handler", key = "orders/validator/4f2a.zip", runtime = "python3.11" } }
permissions = {}
suffix      = "dev"
