account_id         = "111122223333"
archive_after_days = 90
destroyable        = true
kms_key_arn        = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
name               = "s3-orders-dev-111122223333"
noncurrent_days    = null
