output "bucket" {
  description = "Bucket that files are uploaded to."
  value       = module.bucket.bucket
}

output "bucket_arn" {
  description = "ARN of the bucket that files are uploaded to."
  value       = module.bucket.bucket.arn
}

output "bucket_name" {
  description = "Name of the bucket that files are uploaded to."
  value       = module.bucket.bucket.name
}

output "dynamodb_key_alias" {
  description = "Alias of the key of the tables."
  value       = module.dynamodb_key.key.alias
}

output "dynamodb_key_arn" {
  description = "ARN of the key of the tables."
  value       = module.dynamodb_key.key.arn
}

output "dynamodb_key_id" {
  description = "Id of the key of the tables."
  value       = module.dynamodb_key.key.id
}

output "errors_table_arn" {
  description = "ARN of the table of errors."
  value       = module.errors_table.table.arn
}

output "errors_table_name" {
  description = "Name of the table of errors."
  value       = module.errors_table.table.name
}

output "files_table_arn" {
  description = "ARN of the table of files."
  value       = module.files_table.table.arn
}

output "files_table_name" {
  description = "Name of the table of files."
  value       = module.files_table.table.name
}

output "keys" {
  description = "Customer-managed keys: `s3` of the files, `dynamodb` of the tables, `lambda` of functions, queues, logs and alarms."
  value = {
    dynamodb = module.dynamodb_key.key
    lambda   = module.lambda_key.key
    s3       = module.s3_key.key
  }
}

output "lambda_key_alias" {
  description = "Alias of the key of environments of functions, queues, logs and alarms."
  value       = module.lambda_key.key.alias
}

output "lambda_key_arn" {
  description = "ARN of the key of environments of functions, queues, logs and alarms."
  value       = module.lambda_key.key.arn
}

output "lambda_key_id" {
  description = "Id of the key of environments of functions, queues, logs and alarms."
  value       = module.lambda_key.key.id
}

output "s3_key_alias" {
  description = "Alias of the key of the files."
  value       = module.s3_key.key.alias
}

output "s3_key_arn" {
  description = "ARN of the key of the files."
  value       = module.s3_key.key.arn
}

output "s3_key_id" {
  description = "Id of the key of the files."
  value       = module.s3_key.key.id
}

output "tables" {
  description = "Tables: `transactions`, `errors` (what was not stored, and why), `files` (what was done with each file)."
  value = {
    errors       = module.errors_table.table
    files        = module.files_table.table
    transactions = module.transactions_table.table
  }
}

output "transactions_table_arn" {
  description = "ARN of the table of transactions."
  value       = module.transactions_table.table.arn
}

output "transactions_table_name" {
  description = "Name of the table of transactions."
  value       = module.transactions_table.table.name
}
