destroyable = false
kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
location    = { account_id = "111122223333", region = "us-east-1" }
name        = "orders-dev"
role_name   = "orders-backup-us-east-1-dev"
table_arns  = ["arn:aws:dynamodb:us-east-1:111122223333:table/orders-dev"]
