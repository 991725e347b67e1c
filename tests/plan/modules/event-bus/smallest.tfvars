event_source = "orders"
keys = {
  data = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  logs = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
}
location = { account_id = "111122223333", region = "us-east-1" }
name     = "orders"
routes   = { order-placed = { workflow_arn = "arn:aws:states:us-east-1:111122223333:stateMachine:orders-workflow-dev" } }
suffix   = "dev"
