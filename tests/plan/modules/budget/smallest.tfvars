email     = "alarms@example.com"
limit_usd = 200
name      = "orders-dev"
