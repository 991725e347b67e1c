output "endpoint_ids" {
  description = "Ids of the endpoints by the service that they lead to; `sqs` only while functions run in the network."
  value       = module.network.network.endpoint_ids
}

output "flow_log_group_name" {
  description = "Log group of the connections in the network."
  value       = module.network.network.log_group.name
}

output "route_table_ids" {
  description = "Ids of the route tables, one in each zone."
  value       = module.network.network.route_table_ids
}

output "security_group_id" {
  description = "Id of the security group of functions."
  value       = module.network.network.security_group_id
}

output "subnet_ids" {
  description = "Ids of the private subnets, one in each zone."
  value       = module.network.network.subnet_ids
}

output "vpc_id" {
  description = "Id of the network."
  value       = module.network.network.vpc_id
}
