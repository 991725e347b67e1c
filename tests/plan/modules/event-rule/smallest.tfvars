dead_letters  = { arn = "arn:aws:sqs:us-east-1:111122223333:orders-arrivals-dlq-dev" }
description   = "Starts a workflow for each file of orders."
event_pattern = { source = ["aws.s3"], detail-type = ["Object Created"] }
input_fields  = { bucket = "$.detail.bucket.name", key = "$.detail.object.key" }
location      = { account_id = "111122223333", region = "us-east-1" }
name          = "orders-arrivals"
suffix        = "dev"
workflow_arn  = "arn:aws:states:us-east-1:111122223333:stateMachine:orders-workflow-dev"
