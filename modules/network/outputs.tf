output "network" {
  description = "The network, for the functions that run in it."
  value = {
    endpoint_ids      = { for name, endpoint in merge(aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface) : name => endpoint.id }
    log_group         = module.log_group.log_group
    route_table_ids   = [for table in aws_route_table.private : table.id]
    security_group_id = aws_security_group.functions.id
    subnet_ids        = [for subnet in aws_subnet.private : subnet.id]
    vpc_id            = aws_vpc.this.id
  }
}
