variable "description" {
  description = "What the API is for."
  type        = string
  nullable    = false
}

variable "document" {
  description = "Text of an OpenAPI 3 document, in YAML or JSON: paths of one segment, and an `operationId` for each operation."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^3\\.0\\.", yamldecode(var.document).openapi)) && can(keys(yamldecode(var.document).paths)[0])
    error_message = "document begins with \"${substr(var.document, 0, 40)}\": give the text of an OpenAPI 3.0 document that has paths."
  }

  validation {
    condition     = try(alltrue([for path in keys(yamldecode(var.document).paths) : can(regex("^/[a-zA-Z0-9._-]+$", path))]), true)
    error_message = "document has the paths ${join(", ", try(keys(yamldecode(var.document).paths), []))}: give paths of one segment and without parameters, such as /webhook."
  }

  validation {
    condition = try(alltrue(flatten([for item in values(yamldecode(var.document).paths) : [for method, operation in item :
      can(operation.operationId) && (!can(operation.requestBody) || can(yamldecode(var.document).components.schemas[
        regex("^#/components/schemas/([a-zA-Z0-9]+)$", operation.requestBody.content["application/json"].schema["$ref"])[0]
      ]))
    if contains(["delete", "get", "head", "options", "patch", "post", "put"], method)]])), true)
    error_message = "document has an operation without an operationId, or with a body that is no reference to one of components.schemas: give both, and a schema's name in letters and digits only."
  }

  validation {
    condition = try(alltrue(flatten([for item in values(yamldecode(var.document).paths) : [for method, operation in item :
      can(regex("^[a-zA-Z0-9]{1,35}$", operation.operationId)) if can(operation.operationId)
    ]])), true)
    error_message = "document has the operations ${join(", ", try(flatten([for item in values(yamldecode(var.document).paths) : [for operation in values(item) : operation.operationId if can(operation.operationId)]]), []))}: give each at most 35 letters and digits, as the name of its permission begins with the API's and has 100 at most."
  }
}

variable "functions" {
  description = "Functions that answer, by `operationId`."
  type = map(object({
    arn  = string
    name = string
  }))
  nullable = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the logs; its policy admits CloudWatch Logs for `/aws/apigateway/<name>` and `API-Gateway-Execution-Logs_*/<stage_name>`."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Account and region that the API stands in."
  type = object({
    account_id = string
    region     = string
  })
  nullable = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.location.account_id)) && can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.location.region)) && !startswith(var.location.region, "cn-")
    error_message = "location is \"${var.location.account_id}\" in \"${var.location.region}\": give the 12 digits of an AWS account, and a region such as us-east-1; not one of China or GovCloud, where ARNs are others."
  }
}

variable "log_retention_days" {
  description = "Days that a log entry is kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "name" {
  description = "Name of the API; its access log is `/aws/apigateway/<name>`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.name))
    error_message = "name is \"${var.name}\": give at most 64 letters, digits, hyphens and underscores."
  }
}

variable "stage_name" {
  description = "Name of the one stage, the first part of every path."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,128}$", var.stage_name))
    error_message = "stage_name is \"${var.stage_name}\": give at most 128 letters, digits, hyphens and underscores."
  }
}

variable "throttling" {
  description = "Requests that the stage takes in a second, and at once; the others are answered with 429."
  type = object({
    burst               = number
    requests_per_second = number
  })
  nullable = false

  validation {
    condition     = var.throttling.burst >= 1 && var.throttling.burst <= 5000 && var.throttling.requests_per_second >= 1 && var.throttling.requests_per_second <= 10000
    error_message = "throttling is ${var.throttling.requests_per_second} requests a second with a burst of ${var.throttling.burst}: give 1 to 10000 and 1 to 5000, the most that an account has."
  }
}

variable "web_acl_arn" {
  description = "WAF web ACL that looks at each request first."
  type        = string
  nullable    = false
}
