variable "dead_letters" {
  description = "A second queue, `<name>-dlq-<suffix>`, for messages that nobody could process. Null: there is none."
  type = object({
    max_receive_count    = number               # times that a message is received before it moves there, 1 to 1000
    visibility_timeout_s = optional(number, 30) # seconds that a received dead letter stays hidden, 0 to 43200; at least the timeout of a function that consumes them
  })
  default = null

  validation {
    condition     = var.dead_letters == null ? true : var.dead_letters.max_receive_count >= 1 && var.dead_letters.max_receive_count <= 1000
    error_message = "dead_letters.max_receive_count is ${try(var.dead_letters.max_receive_count, "missing")}: give 1 to 1000."
  }

  validation {
    condition     = var.dead_letters == null ? true : var.dead_letters.visibility_timeout_s >= 0 && var.dead_letters.visibility_timeout_s <= 43200
    error_message = "dead_letters.visibility_timeout_s is ${try(var.dead_letters.visibility_timeout_s, "missing")}: give 0 to 43200 (12 hours)."
  }
}

variable "encryption" {
  description = "What encrypts the messages: give one of the two."
  type = object({
    kms_key_arn = optional(string) # a key of yours; its policy must admit each of `senders`
    sqs_managed = optional(bool)   # `true` for a key that SQS manages
  })
  nullable = false

  validation {
    condition     = (var.encryption.kms_key_arn == null) == (var.encryption.sqs_managed == true)
    error_message = "encryption has ${var.encryption.kms_key_arn == null ? "neither" : "both"} of kms_key_arn and sqs_managed = true: give one of them."
  }
}

variable "location" {
  description = "Account and region of the queue. The module builds the ARN from them."
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
  description = "Name of the queue, without the suffix: at most 63 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,63}$", var.name))
    error_message = "name is \"${var.name}\": give at most 63 letters, digits, hyphens and underscores (SQS allows 80, and `-dlq-<suffix>` follows)."
  }
}

variable "retention_days" {
  description = "Days that SQS keeps a message, 1 to 14. Dead letters stay for 14, counted from when the message was sent."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 14 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days is ${var.retention_days}: give a whole number from 1 to 14, the longest that SQS keeps a message."
  }
}

variable "senders" {
  description = "AWS services that send with their own principal, by a name of yours. Roles need no entry: their own policies admit them."
  type = map(object({
    service    = string # principal, such as `sns.amazonaws.com`
    source_arn = string # of the one topic, rule or bus that may send
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.senders) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "senders has the names ${join(", ", keys(var.senders))}: give lower-case letters, digits and underscores, beginning with a letter, because statements of a policy are named after them."
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

variable "visibility_timeout_s" {
  description = "Seconds that a received message stays hidden, 0 to 43200 (12 hours); at least the timeout of a function that consumes the queue."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.visibility_timeout_s >= 0 && var.visibility_timeout_s <= 43200
    error_message = "visibility_timeout_s is ${var.visibility_timeout_s}: give 0 to 43200 (12 hours)."
  }
}
