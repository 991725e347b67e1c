output "bucket" {
  description = "Bucket of the uploaded files, and of the rows in them that cannot be used."
  value       = module.bucket.bucket
}

output "keys" {
  description = "Customer-managed keys: `data` for what is stored and queued, `logs` for what is logged and notified."
  value = {
    data = module.data_key.key
    logs = module.logs_key.key
  }
}

output "repositories" {
  description = "Repositories of images by what is in them. Two functions run from `csv-validator`."
  value       = { for name, images in module.images : name => images.repository }
}

output "tables" {
  description = "Tables: `transactions`, and `status` (what has become of each upload)."
  value = {
    status       = module.status_table.table
    transactions = module.transactions_table.table
  }
}
