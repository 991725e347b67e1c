variable "cidr_block" {
  description = "Private addresses of the network, /16 to /26. Each zone gets a quarter of them."
  type        = string
  default     = "10.0.0.0/24"
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr_block)) && can(regex("^(10|172\\.(1[6-9]|2[0-9]|3[01])|192\\.168)\\..*/(1[6-9]|2[0-6])$", var.cidr_block))
    error_message = "cidr_block is \"${var.cidr_block}\": give private IPv4 addresses (10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16), between /16 and /26."
  }
}

variable "flow_logs" {
  description = "The log of connections, `/aws/vpc/<name>-<suffix>`."
  type = object({
    kms_key_arn    = string # of the key that encrypts it; its policy must admit CloudWatch Logs for this name
    retention_days = number # a number that CloudWatch Logs offers, such as 30
  })
  nullable = false
}

variable "gateway_endpoints" {
  description = "What functions may do with the two services that have gateway endpoints, which cost nothing."
  type = object({
    dynamodb = object({
      actions   = list(string) # of IAM, such as `dynamodb:PutItem`: at least one, and no wildcards
      resources = list(string) # ARNs of tables, at least one
    })                         # of DynamoDB
    s3 = object({
      actions   = list(string) # of IAM, such as `s3:GetObject`: at least one, and no wildcards
      resources = list(string) # ARNs of buckets or objects, at least one
    })                         # of S3
  })
  nullable = false

  validation {
    condition     = alltrue([for endpoint in values(var.gateway_endpoints) : length(endpoint.resources) > 0 && !contains(endpoint.resources, "*")])
    error_message = "gateway_endpoints.${join(", gateway_endpoints.", [for name, endpoint in var.gateway_endpoints : name if length(endpoint.resources) == 0 || contains(endpoint.resources, "*")])} names no resources: give the ARNs of this account's, because an endpoint also leads to everybody else's."
  }

  validation {
    condition     = alltrue([for endpoint in values(var.gateway_endpoints) : length(endpoint.actions) > 0 && alltrue([for action in endpoint.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))])])
    error_message = "gateway_endpoints has the actions ${join(", ", flatten([for endpoint in values(var.gateway_endpoints) : endpoint.actions]))}: give at least one for each endpoint, and full names such as dynamodb:PutItem, without a wildcard."
  }
}

variable "in_use" {
  description = "Whether functions run in the network: there are interface endpoints only while they do."
  type        = bool
  default     = true
  nullable    = false
}

variable "interface_endpoints" {
  description = "What functions may do with other services, by the service's name in the region, such as `sqs`. AWS charges for each by the hour and zone."
  type = map(object({
    actions   = list(string) # of IAM, such as `sqs:SendMessage`: at least one, and no wildcards
    resources = list(string) # ARNs, at least one
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.interface_endpoints) : can(regex("^[a-z0-9][a-z0-9.-]*$", name)) && !contains(["dynamodb", "s3"], name)])
    error_message = "interface_endpoints has the names ${join(", ", keys(var.interface_endpoints))}: give services such as sqs, and dynamodb and s3 as gateway_endpoints."
  }

  validation {
    condition     = alltrue([for endpoint in values(var.interface_endpoints) : length(endpoint.resources) > 0 && !contains(endpoint.resources, "*")])
    error_message = "interface_endpoints.${join(", interface_endpoints.", [for name, endpoint in var.interface_endpoints : name if length(endpoint.resources) == 0 || contains(endpoint.resources, "*")])} names no resources: give the ARNs of this account's, because an endpoint also leads to everybody else's."
  }

  validation {
    condition     = alltrue([for endpoint in values(var.interface_endpoints) : length(endpoint.actions) > 0 && alltrue([for action in endpoint.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))])])
    error_message = "interface_endpoints has the actions ${join(", ", flatten([for endpoint in values(var.interface_endpoints) : endpoint.actions]))}: give at least one for each endpoint, and full names such as sqs:SendMessage, without a wildcard."
  }
}

variable "location" {
  description = "Account and region of the network."
  type = object({
    account_id = string # 12 digits
    region     = string # such as us-east-1; no region of China or GovCloud
  })
  nullable = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.location.account_id)) && can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.location.region)) && !startswith(var.location.region, "cn-")
    error_message = "location is \"${var.location.account_id}\" in \"${var.location.region}\": give the 12 digits of an AWS account and a region such as us-east-1. Regions of China and GovCloud are refused, because their ARNs have another form."
  }
}

variable "name" {
  description = "Name of the network, without the suffix. What is in it is called `<name>-<thing>-<suffix>`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,63}$", var.name)) && !startswith(var.name, "sg-")
    error_message = "name is \"${var.name}\": give at most 64 letters, digits and hyphens, beginning with a letter, and not with `sg-`, which EC2 reserves for the ids of security groups."
  }
}

variable "suffix" {
  description = "Last part of every name: at most 12 lower-case letters, digits and hyphens."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.suffix)) && length(var.suffix) <= 12
    error_message = "suffix is \"${var.suffix}\": give at most 12 lower-case letters and digits, with single hyphens between them, beginning with a letter."
  }
}

variable "zones" {
  description = "Letters of the availability zones, two to four, each with a private subnet and its route table. Append only: the place in the list decides the addresses."
  type        = list(string)
  default     = ["a", "b"]
  nullable    = false

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 4 && length(distinct(var.zones)) == length(var.zones) && alltrue([for zone in var.zones : can(regex("^[a-z]$", zone))])
    error_message = "zones is ${join(", ", var.zones)}: give two to four different letters, such as a and b."
  }
}
