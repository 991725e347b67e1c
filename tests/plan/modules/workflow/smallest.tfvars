dead_letter_queue_arns = ["arn:aws:sqs:us-east-1:111122223333:orders-validator-dlq-dev"]
definition             = jsonencode({ StartAt = "done", States = { done = { Type = "Succeed" } } })
function_arns          = ["arn:aws:lambda:us-east-1:111122223333:function:orders-validator-dev"]
keys = {
  data = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  logs = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
}
location = { account_id = "111122223333", region = "us-east-1" }
name     = "orders-workflow-dev"
