variable "asynchronous" {
  description = "How long, and how often again, Lambda tries an asynchronous invocation, and what becomes a dead letter then: the event by itself, or with `record` Lambda's record of the failure, which holds the event and the error. Null for a function that is only invoked synchronously: it has no dead letters."
  type = object({
    maximum_age_s   = optional(number, 3600)
    maximum_retries = optional(number, 2)
    record          = optional(bool, false)
  })
  default = {}

  validation {
    condition     = var.asynchronous == null ? true : var.asynchronous.maximum_age_s >= 60 && var.asynchronous.maximum_age_s <= 21600
    error_message = "asynchronous.maximum_age_s is ${try(var.asynchronous.maximum_age_s, "missing")}: give 60 to 21600 (6 hours)."
  }

  validation {
    condition     = var.asynchronous == null ? true : contains([0, 1, 2], var.asynchronous.maximum_retries)
    error_message = "asynchronous.maximum_retries is ${try(var.asynchronous.maximum_retries, "missing")}: give 0, 1 or 2."
  }
}

variable "description" {
  description = "What the function does."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.description) <= 256
    error_message = "description has ${length(var.description)} characters: give at most 256."
  }
}

variable "environment" {
  description = "Environment variables; `REGION` is added, and `DEAD_LETTER_QUEUE_URL` where there are dead letters."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "invokers" {
  description = "AWS services that invoke the function with their own principal, by name, each for one source."
  type = map(object({
    service    = string
    source_arn = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.invokers) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "invokers has the names ${join(", ", keys(var.invokers))}: give lower-case letters, digits and underscores, a letter first, as permissions of the function are named after them."
  }
}

variable "keys" {
  description = "Keys that encrypt: `data` the environment, the dead letters and what the function reads and writes, `logs` its log."
  type = object({
    data = string
    logs = string
  })
  nullable = false
}

variable "limits" {
  description = "What one invocation, and the function as a whole, may use. `reserved_percent` of the concurrency is reserved, but 1 at least: an account that many deployments share has one quota."
  type = object({
    memory_mb            = optional(number, 512)
    reserved_concurrency = number
    reserved_percent     = optional(number, 100)
    timeout_s            = optional(number, 30)
  })
  nullable = false

  validation {
    condition     = var.limits.memory_mb >= 128 && var.limits.memory_mb <= 10240
    error_message = "limits.memory_mb is ${var.limits.memory_mb}: give 128 to 10240."
  }

  validation {
    condition     = var.limits.reserved_concurrency >= 1 && floor(var.limits.reserved_concurrency) == var.limits.reserved_concurrency
    error_message = "limits.reserved_concurrency is ${var.limits.reserved_concurrency}: give the function's peak, a whole number of 1 or more; 0 switches it off."
  }

  validation {
    condition     = var.limits.reserved_percent >= 1 && var.limits.reserved_percent <= 1000
    error_message = "limits.reserved_percent is ${var.limits.reserved_percent}: give 1 to 1000."
  }

  validation {
    condition     = var.limits.timeout_s >= 1 && var.limits.timeout_s <= 900
    error_message = "limits.timeout_s is ${var.limits.timeout_s}: give 1 to 900 (15 minutes)."
  }
}

variable "location" {
  description = "Account and region that the function stands in."
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
  description = "Name of the function, without the suffix; its role is `<name>-<suffix>-<region>`, its dead-letter queue `<name>-dlq-<suffix>`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,51}$", var.name))
    error_message = "name is \"${var.name}\": give at most 51 letters, digits, hyphens and underscores (Lambda takes 64, and the suffix follows)."
  }
}

variable "package" {
  description = "The code: a `zip` in a bucket, with its handler and runtime, or a container `image`."
  type = object({
    image = optional(object({ uri = string }))
    zip   = optional(object({ bucket = string, handler = string, key = string, runtime = string }))
  })
  nullable = false

  validation {
    condition     = var.package.zip == null ? true : can(regex("^python3\\.[0-9]+$", var.package.zip.runtime))
    error_message = "package.zip.runtime is \"${try(var.package.zip.runtime, "missing")}\": give one of Lambda's for Python, such as python3.11."
  }

  validation {
    condition     = (var.package.image == null) != (var.package.zip == null)
    error_message = "package has ${var.package.zip == null ? "neither" : "both"} of image and zip: give one of them."
  }
}

variable "permissions" {
  description = "What the function may do, by name: actions on the ARNs of resources."
  type = map(object({
    actions   = list(string)
    resources = list(string)
  }))
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.permissions) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "permissions has the names ${join(", ", keys(var.permissions))}: give lower-case letters, digits and underscores, a letter first, as statements of a policy are named after them."
  }

  validation {
    condition     = alltrue([for permission in values(var.permissions) : length(permission.actions) > 0 && length(permission.resources) > 0])
    error_message = "permissions.${join(", permissions.", [for name, permission in var.permissions : name if length(permission.actions) == 0 || length(permission.resources) == 0])} has no actions or no resources: give at least one of each, as IAM takes no statement without."
  }

  validation {
    condition     = length(var.permissions) >= 1
    error_message = "permissions has no entry: give at least one of actions and resources, as IAM takes no policy without a statement."
  }

  validation {
    condition     = alltrue([for permission in values(var.permissions) : alltrue([for action in permission.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))])])
    error_message = "permissions has the action ${join(", ", [for action in flatten(values(var.permissions)[*].actions) : action if !can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))])}: give whole names such as dynamodb:PutItem, without a wildcard."
  }
}

variable "suffix" {
  description = "Last part of every name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.suffix)) && length(var.suffix) <= 12
    error_message = "suffix is \"${var.suffix}\": give at most 12 lower-case letters and digits, with single hyphens between them, a letter first."
  }
}
