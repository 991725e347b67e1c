kms_key_id = "alias/aws/sns"
location   = { account_id = "111122223333", region = "us-east-1" }
name       = "orders-dev"
