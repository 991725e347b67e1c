bus_name      = "orders-dev"
dead_letters  = { arn = "arn:aws:sqs:us-east-1:111122223333:orders-placed-dlq-dev" }
description   = "Starts a workflow for each order."
event_pattern = { source = ["orders"] }
input_path    = "$.detail"
location      = { account_id = "111122223333", region = "us-east-1" }
name          = "orders-placed"
retries       = { maximum_age_s = 60, maximum_retries = 0 }
suffix        = "dev"
workflow_arn  = "arn:aws:states:us-east-1:111122223333:stateMachine:orders-workflow-dev"
