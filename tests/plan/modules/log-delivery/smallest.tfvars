location = { account_id = "111122223333", region = "us-east-1" }
name     = "log-delivery"
