dead_letters         = { max_receive_count = 3, visibility_timeout_s = 300 }
encryption           = { sqs_managed = true }
location             = { account_id = "111122223333", region = "us-east-1" }
name                 = "orders"
retention_days       = 7
suffix               = "dev"
visibility_timeout_s = 300
