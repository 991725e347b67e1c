description = "Orders: log groups."
destroyable = false
location    = { account_id = "111122223333", region = "us-east-1" }
name        = "orders-logs-prod"
users = {
  undelivered_orders = {
    service   = "sns.amazonaws.com"
    condition = { ArnLike = { "kms:EncryptionContext:aws:sqs:arn" = ["arn:aws:sqs:us-east-1:111122223333:orders-*-prod"] } }
  }
}
