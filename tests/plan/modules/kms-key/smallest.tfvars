description = "Orders: log groups."
destroyable = true
location    = { account_id = "111122223333", region = "us-east-1" }
name        = "orders-logs-dev"
