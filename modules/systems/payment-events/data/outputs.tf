output "keys" {
  description = "Customer-managed keys: `data` for what is stored and queued, `logs` for what is logged and notified."
  value = {
    data = module.data_key.key
    logs = module.logs_key.key
  }
}

output "repository" {
  description = "Repository of the functions' images."
  value       = module.images.repository
}

output "table" {
  description = "Audit table: the result of each event at each stage."
  value       = module.audit_table.table
}
