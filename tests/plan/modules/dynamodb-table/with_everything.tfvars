destroyable = false
indexes = {
  status-at-index = {
    partition = { name = "status", type = "S" }
    sort      = { name = "at", type = "S" }
  }
}
key = {
  partition = { name = "order_id", type = "S" }
  sort      = { name = "line", type = "N" }
}
kms_key_arn            = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
name                   = "orders-prod"
recovery_days          = 7
time_to_live_attribute = "expires_at"
