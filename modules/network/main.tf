locals {
  name      = "${var.name}-${var.suffix}"
  role      = "${var.name}-flow-logs-${var.suffix}-${var.location.region}" # IAM has a role's name once in an account
  log_group = "/aws/vpc/${local.name}"

  interfaces = var.in_use ? var.interface_endpoints : {}

  # A quarter of the network for each zone, so that a third or fourth zone does not renumber the others.
  subnets = { for index, zone in var.zones : zone => cidrsubnet(var.cidr_block, 2, index) }

  # What passes through an endpoint: principals of this account only, with these actions on these resources only. The policy of a gateway endpoint
  # takes no principal but "*", which is why the account is a condition: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
  policies = { for name, endpoint in merge(var.gateway_endpoints, var.interface_endpoints) : name => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OwnResources"
      Effect    = "Allow"
      Principal = "*"
      Action    = endpoint.actions
      Resource  = endpoint.resources
      Condition = { StringEquals = { "aws:PrincipalAccount" = var.location.account_id } }
    }]
  }) }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr_block
  enable_dns_hostnames = true # the private names of interface endpoints need both
  enable_dns_support   = true

  tags = { Name = local.name }
}

# Every VPC has one. Without rules, nothing that somebody leaves in it by mistake can talk or be talked to.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-default-${var.suffix}" }
}

# Private: no route leads out of the network but those to the gateway endpoints.
resource "aws_subnet" "private" {
  for_each = local.subnets

  availability_zone       = "${var.location.region}${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false
  vpc_id                  = aws_vpc.this.id

  tags = { Name = "${var.name}-${each.key}-${var.suffix}" }
}

resource "aws_route_table" "private" {
  for_each = local.subnets

  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-${each.key}-${var.suffix}" }
}

resource "aws_route_table_association" "private" {
  for_each = local.subnets

  route_table_id = aws_route_table.private[each.key].id
  subnet_id      = aws_subnet.private[each.key].id
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = var.gateway_endpoints

  policy            = local.policies[each.key]
  route_table_ids   = [for table in aws_route_table.private : table.id]
  service_name      = "com.amazonaws.${var.location.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  vpc_id            = aws_vpc.this.id

  tags = { Name = "${var.name}-${each.key}-${var.suffix}" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interfaces

  policy              = local.policies[each.key]
  private_dns_enabled = true
  security_group_ids  = aws_security_group.endpoints[*].id
  service_name        = "com.amazonaws.${var.location.region}.${each.key}"
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  vpc_endpoint_type   = "Interface"
  vpc_id              = aws_vpc.this.id

  tags = { Name = "${var.name}-${each.key}-${var.suffix}" }
}

# There whether functions use it or not: Lambda keeps their network interfaces, and so the group, for some minutes after they have left.
resource "aws_security_group" "functions" {
  #checkov:skip=CKV2_AWS_5:Functions of another unit use it, by the output `network`
  name        = "${var.name}-functions-${var.suffix}"
  description = "Functions: they reach the endpoints of this network over HTTPS, and nothing reaches them."
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-functions-${var.suffix}" }
}

resource "aws_vpc_security_group_egress_rule" "to_gateway" {
  for_each = var.gateway_endpoints

  description       = "HTTPS to ${each.key}"
  from_port         = 443
  ip_protocol       = "tcp"
  prefix_list_id    = aws_vpc_endpoint.gateway[each.key].prefix_list_id
  security_group_id = aws_security_group.functions.id
  to_port           = 443
}

resource "aws_security_group" "endpoints" {
  count = length(local.interfaces) > 0 ? 1 : 0

  name        = "${var.name}-endpoints-${var.suffix}"
  description = "Interface endpoints: functions reach them over HTTPS, and they reach nothing."
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-endpoints-${var.suffix}" }
}

resource "aws_vpc_security_group_egress_rule" "to_interfaces" {
  count = length(aws_security_group.endpoints)

  description                  = "HTTPS to the interface endpoints"
  from_port                    = 443
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.endpoints[count.index].id
  security_group_id            = aws_security_group.functions.id
  to_port                      = 443
}

resource "aws_vpc_security_group_ingress_rule" "from_functions" {
  count = length(aws_security_group.endpoints)

  description                  = "HTTPS from functions"
  from_port                    = 443
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.functions.id
  security_group_id            = aws_security_group.endpoints[count.index].id
  to_port                      = 443
}

# Which address talked to which, and what was refused; never what was said.
module "log_group" {
  source = "../log-group"

  name           = local.log_group
  kms_key_arn    = var.flow_logs.kms_key_arn
  retention_days = var.flow_logs.retention_days
}

resource "aws_flow_log" "this" {
  iam_role_arn             = aws_iam_role.flow_logs.arn
  log_destination          = module.log_group.log_group.arn
  log_destination_type     = "cloud-watch-logs"
  max_aggregation_interval = 600
  traffic_type             = "ALL"
  vpc_id                   = aws_vpc.this.id

  tags       = { Name = local.name }
  depends_on = [aws_iam_role_policy.flow_logs]
}

resource "aws_iam_role" "flow_logs" {
  name = local.role

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.location.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:aws:ec2:${var.location.region}:${var.location.account_id}:vpc-flow-log/*" }
      }
    }]
  })

  lifecycle {
    precondition {
      condition     = length(local.role) <= 64
      error_message = "The role's name ${local.role} has ${length(local.role)} characters: give a shorter name or suffix (IAM allows 64)."
    }
  }
}

# https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html, without logs:CreateLogGroup: the group is there.
resource "aws_iam_role_policy" "flow_logs" {
  name = "flow-logs"
  role = aws_iam_role.flow_logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [module.log_group.log_group.arn, "${module.log_group.log_group.arn}:*"]
      },
      {
        # A policy cannot name one of the groups that it lists.
        Sid      = "FindLogGroup"
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
    ]
  })
}
