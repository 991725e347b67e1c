output "keys" {
  description = "Customer-managed keys: `data` for what is stored and queued, `logs` for what is logged and notified."
  value = {
    data = module.data_key.key
    logs = module.logs_key.key
  }
}

output "signing_secret" {
  description = "Secret that providers sign with. `pipelines system rotate-secret webhooks` sets its values."
  value       = module.signing_secret.secret
}

output "table" {
  description = "Event table: each event once, and whether it was handed over."
  value       = module.event_table.table
}
