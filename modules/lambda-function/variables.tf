variable "asynchronous" {
  description = "How Lambda retries asynchronous invocations. Null for a function that is only invoked synchronously or by `queues`: it gets no dead-letter queue."
  type = object({
    dead_letters = optional(object({
      arn = string                           # of a queue that exists
    }))                                      # what Lambda gives up on goes there; null: to a queue of the function's own
    maximum_age_s   = optional(number, 3600) # seconds that an event waits for an attempt, 60 to 21600 (6 hours)
    maximum_retries = optional(number, 2)    # attempts after the first that failed: 0, 1 or 2
    record          = optional(bool, false)  # dead letter: the event alone (false), or Lambda's record with the event and the error (true)
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
  description = "What the function does, for people who see it in the console: at most 256 characters."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.description) <= 256
    error_message = "description has ${length(var.description)} characters: give at most 256."
  }
}

variable "environment" {
  description = "Environment variables. The module adds `REGION`, and `DEAD_LETTER_QUEUE_URL` where the function has a dead-letter queue of its own. Lambda takes 4 KB in all."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "invokers" {
  description = "AWS services that invoke the function with their own principal, by a name of yours."
  type = map(object({
    service        = string           # principal, such as `sns.amazonaws.com`
    source_account = optional(string) # 12 digits; for a bucket, whose ARN has no account
    source_arn     = string           # of the one topic, rule, API or bucket that may invoke it
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.invokers) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "invokers has the names ${join(", ", keys(var.invokers))}: give lower-case letters, digits and underscores, beginning with a letter, because permissions of the function are named after them."
  }

  # AWS would let the bucket's next owner invoke the function, should the bucket be deleted.
  validation {
    condition     = alltrue([for invoker in var.invokers : invoker.service != "s3.amazonaws.com" || invoker.source_account != null])
    error_message = "invokers.${join(", invokers.", [for name, invoker in var.invokers : name if invoker.service == "s3.amazonaws.com" && invoker.source_account == null])} is a bucket without source_account: give the account that owns the bucket, because the ARN of a bucket does not name it."
  }
}

variable "keys" {
  description = "ARNs of the keys that encrypt what belongs to the function."
  type = object({
    data = string # its environment, its dead letters, and what it reads and writes
    logs = string # its log; the key's policy must admit CloudWatch Logs for `/aws/lambda/<name>-<suffix>`
  })
  nullable = false
}

variable "limits" {
  description = "What one invocation, and the function as a whole, may use."
  type = object({
    memory_mb            = optional(number, 512) # MB, 128 to 10240; Lambda gives CPU in proportion
    reserved_concurrency = number                # instances at the function's peak, 1 or more, from the account's quota
    reserved_percent     = optional(number, 100) # of that concurrency, 1 to 1000, but at least one instance: for accounts that deployments share
    timeout_s            = optional(number, 30)  # seconds that one invocation may take, 1 to 900 (15 minutes)
  })
  nullable = false

  validation {
    condition     = var.limits.memory_mb >= 128 && var.limits.memory_mb <= 10240
    error_message = "limits.memory_mb is ${var.limits.memory_mb}: give 128 to 10240."
  }

  validation {
    condition     = var.limits.reserved_concurrency >= 1 && floor(var.limits.reserved_concurrency) == var.limits.reserved_concurrency
    error_message = "limits.reserved_concurrency is ${var.limits.reserved_concurrency}: give the function's peak, a whole number of 1 or more. 0 would switch the function off."
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
  description = "Account and region of the function."
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
  description = "Days that the log keeps an entry: a number that CloudWatch Logs offers, such as 30."
  type        = number
  default     = 30
  nullable    = false
}

variable "name" {
  description = "Name of the function, without the suffix. Its role is `<name>-<suffix>-<region>`, its dead-letter queue `<name>-dlq-<suffix>`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,51}$", var.name))
    error_message = "name is \"${var.name}\": give at most 51 letters, digits, hyphens and underscores (Lambda allows 64, and the suffix follows)."
  }
}

variable "package" {
  description = "The code: either `image` or `zip`. A change of it deploys the function again."
  type = object({
    image = optional(object({
      handler = optional(string) # module and function, where it is another than the image names
      uri     = string           # of an image for arm64 in ECR, in the same region, with its tag
    }))                          # a container image
    zip = optional(object({
      bucket  = string # name of a bucket in the same region
      handler = string # module and function, such as `functions.orders.validator.handler`
      key     = string # of the object in the bucket; name it by its content
      runtime = string # one of Lambda's for Python, such as `python3.11`
    }))                # an archive in S3, for arm64
  })
  nullable = false

  validation {
    condition     = var.package.zip == null ? true : can(regex("^python3\\.[0-9]+$", var.package.zip.runtime))
    error_message = "package.zip.runtime is \"${try(var.package.zip.runtime, "missing")}\": give one of Lambda's Python runtimes, such as python3.11."
  }

  validation {
    condition     = (var.package.image == null) != (var.package.zip == null)
    error_message = "package has ${var.package.zip == null ? "neither" : "both"} of image and zip: give one of them."
  }
}

variable "permissions" {
  description = "What the function may do beyond its own log, traces and dead letters, by a name of yours. At least one entry."
  type = map(object({
    actions   = list(string) # of IAM, such as `dynamodb:PutItem`: at least one, and no wildcards
    resources = list(string) # ARNs that they apply to, at least one
  }))
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.permissions) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "permissions has the names ${join(", ", keys(var.permissions))}: give lower-case letters, digits and underscores, beginning with a letter, because statements of a policy are named after them."
  }

  validation {
    condition     = alltrue([for permission in values(var.permissions) : length(permission.actions) > 0 && length(permission.resources) > 0])
    error_message = "permissions.${join(", permissions.", [for name, permission in var.permissions : name if length(permission.actions) == 0 || length(permission.resources) == 0])} has no actions or no resources: give at least one of each, because IAM accepts no statement without them."
  }

  validation {
    condition     = length(var.permissions) >= 1
    error_message = "permissions has no entry: give at least one entry, because IAM accepts no policy without a statement."
  }

  validation {
    condition     = alltrue([for permission in values(var.permissions) : alltrue([for action in permission.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))])])
    error_message = "permissions has the action ${join(", ", [for action in flatten(values(var.permissions)[*].actions) : action if !can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))])}: give full names such as dynamodb:PutItem, without a wildcard."
  }
}

variable "queues" {
  description = "Queues that the function consumes, by a name of yours. The function answers which messages of a batch failed."
  type = map(object({
    arn                 = string               # the queue's visibility timeout is at least `limits.timeout_s`
    batch_size          = optional(number, 10) # messages that one invocation gets at most, 1 to 10
    maximum_concurrency = number               # instances that the queue keeps busy at its peak, 2 to 1000; `limits.reserved_percent` applies, but at least 2
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.queues) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "queues has the names ${join(", ", keys(var.queues))}: give lower-case letters, digits and underscores, beginning with a letter."
  }

  validation {
    condition     = alltrue([for queue in var.queues : queue.batch_size >= 1 && queue.batch_size <= 10])
    error_message = "queues has the batch_size ${join(", ", values(var.queues)[*].batch_size)}: give 1 to 10."
  }

  validation {
    condition     = alltrue([for queue in var.queues : queue.maximum_concurrency >= 2 && queue.maximum_concurrency <= 1000])
    error_message = "queues has the maximum_concurrency ${join(", ", values(var.queues)[*].maximum_concurrency)}: give 2 to 1000, as AWS takes it."
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

variable "vpc" {
  description = "Where in a VPC of yours the function runs. Null: outside of one. In a VPC it reaches only what the subnets' routes and the security groups admit."
  type = object({
    attached           = optional(bool, true) # false: it runs outside, and its role lets Lambda delete the network interfaces that it had
    security_group_ids = list(string)         # at least one
    subnet_ids         = list(string)         # at least one; two, in different zones, survive the loss of one
  })
  default = null

  validation {
    condition     = var.vpc == null ? true : length(var.vpc.security_group_ids) > 0 && length(var.vpc.subnet_ids) > 0
    error_message = "vpc has ${try(length(var.vpc.security_group_ids), 0)} security groups and ${try(length(var.vpc.subnet_ids), 0)} subnets: give at least one of each."
  }
}
