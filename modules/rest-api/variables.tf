variable "description" {
  description = "What the API is for, for people who see it in the console."
  type        = string
  nullable    = false
}

variable "document" {
  description = "Text of an OpenAPI 3.0 document in YAML or JSON. Its paths have one or two segments, a parameter only as the second, and each operation has an `operationId`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^3\\.0\\.", yamldecode(var.document).openapi)) && can(keys(yamldecode(var.document).paths)[0])
    error_message = "document begins with \"${substr(var.document, 0, 40)}\": give the text of an OpenAPI 3.0 document that has paths."
  }

  validation {
    condition     = try(alltrue([for path in keys(yamldecode(var.document).paths) : can(regex("^/[a-zA-Z0-9._-]+(/([a-zA-Z0-9._-]+|[{][a-zA-Z0-9]+[}]))?$", path))]), true)
    error_message = "document has the paths ${join(", ", try(keys(yamldecode(var.document).paths), []))}: give paths of one or two segments, and a parameter only as the second, such as /orders and /orders/{id}."
  }

  validation {
    condition = try(alltrue(flatten([for item in values(yamldecode(var.document).paths) : [for method, operation in item :
      can(operation.operationId) && (!can(operation.requestBody.content["application/json"]) || can(yamldecode(var.document).components.schemas[
        regex("^#/components/schemas/([a-zA-Z0-9]+)$", operation.requestBody.content["application/json"].schema["$ref"])[0]
      ]))
    if contains(["delete", "get", "head", "options", "patch", "post", "put"], method)]])), true)
    error_message = "document has an operation without an operationId, or with a JSON body that does not refer to one of components.schemas: give both, and use letters and digits only in a schema's name."
  }

  validation {
    condition = try(alltrue(flatten([for item in values(yamldecode(var.document).paths) : [for method, operation in item :
      can(regex("^[a-zA-Z0-9]{1,35}$", operation.operationId)) if can(operation.operationId)
    ]])), true)
    error_message = "document has the operations ${join(", ", try(flatten([for item in values(yamldecode(var.document).paths) : [for operation in values(item) : operation.operationId if can(operation.operationId)]]), []))}: give each at most 35 letters and digits, because the name of its permission also holds the API's name and may have 100 characters."
  }
}

variable "functions" {
  description = "Functions that handle the requests, by `operationId`: one for each operation of the document."
  type = map(object({
    arn  = string # ARN of the function
    name = string # its name, which gets the permission for API Gateway
  }))
  nullable = false
}

variable "kms_key_arn" {
  description = "ARN of the key for the logs. It must admit CloudWatch Logs for `/aws/apigateway/<name>` and `API-Gateway-Execution-Logs_*/<stage_name>`."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Account and region of the API."
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

variable "log_retention_days" {
  description = "Days that the logs keep an entry: a number that CloudWatch Logs offers, such as 30."
  type        = number
  default     = 30
  nullable    = false
}

variable "name" {
  description = "Name of the API, with its suffix: at most 64 characters. Its access log is `/aws/apigateway/<name>`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.name))
    error_message = "name is \"${var.name}\": give at most 64 letters, digits, hyphens and underscores."
  }
}

variable "stage_name" {
  description = "Name of the one stage, which every path begins with: at most 128 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,128}$", var.stage_name))
    error_message = "stage_name is \"${var.stage_name}\": give at most 128 letters, digits, hyphens and underscores."
  }
}

variable "throttling" {
  description = "How many requests the stage takes. It answers the others with 429."
  type = object({
    burst               = number # requests at once, 1 to 5000
    requests_per_second = number # on average, 1 to 10000, which all APIs of the account and region share
  })
  nullable = false

  validation {
    condition     = var.throttling.burst >= 1 && var.throttling.burst <= 5000 && var.throttling.requests_per_second >= 1 && var.throttling.requests_per_second <= 10000
    error_message = "throttling is ${var.throttling.requests_per_second} requests a second with a burst of ${var.throttling.burst}: give 1 to 10000 and 1 to 5000, the default quotas of an account."
  }
}

variable "too_large" {
  description = "What API Gateway answers to a body that is larger than it takes (10 MB, or 6 MB in what Lambda gets)."
  type        = string
  default     = "Request body too large"
  nullable    = false
}

variable "usage_plan" {
  description = "What one API key may send. Null where the document asks no operation for a key by a security scheme of the header `x-api-key`."
  type = object({
    burst               = number # requests at once, 1 to 5000
    requests_per_day    = number # 1 or more; the day begins at midnight UTC
    requests_per_second = number # on average, 1 to 10000
  })
  default = null

  validation {
    condition     = var.usage_plan == null ? true : var.usage_plan.burst >= 1 && var.usage_plan.burst <= 5000 && var.usage_plan.requests_per_second >= 1 && var.usage_plan.requests_per_second <= 10000 && var.usage_plan.requests_per_day >= 1
    error_message = "usage_plan is ${try(var.usage_plan.requests_per_second, 0)} requests a second with a burst of ${try(var.usage_plan.burst, 0)}, and ${try(var.usage_plan.requests_per_day, 0)} a day: give 1 to 10000, 1 to 5000, and 1 or more."
  }
}

variable "web_acl_arn" {
  description = "ARN of the WAF web ACL that checks each request first."
  type        = string
  nullable    = false
}
