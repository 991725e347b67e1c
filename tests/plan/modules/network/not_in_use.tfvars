flow_logs = { kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", retention_days = 30 }
gateway_endpoints = {
  dynamodb = { actions = ["dynamodb:PutItem"], resources = ["arn:aws:dynamodb:us-east-1:111122223333:table/orders-dev"] }
  s3       = { actions = ["s3:GetObject"], resources = ["arn:aws:s3:::orders-dev/*"] }
}
location            = { account_id = "111122223333", region = "us-east-1" }
name                = "vpc-orders"
suffix              = "dev"
interface_endpoints = { sqs = { actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:us-east-1:111122223333:orders-dev"] } }
zones               = ["a", "b", "c"]
in_use              = false
