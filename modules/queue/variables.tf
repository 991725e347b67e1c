variable "dead_letters" {
  description = "How often a message may be received before it goes to a second queue, `<name>-dlq-<suffix>`; without it, there is none."
  type = object({
    max_receive_count = number
  })
  default = null

  validation {
    condition     = var.dead_letters == null ? true : var.dead_letters.max_receive_count >= 1 && var.dead_letters.max_receive_count <= 1000
    error_message = "dead_letters.max_receive_count is ${try(var.dead_letters.max_receive_count, "missing")}: give 1 to 1000."
  }
}

variable "encryption" {
  description = "Either the key that encrypts the messages, or `sqs_managed = true` for the key that SQS keeps."
  type = object({
    kms_key_arn = optional(string)
    sqs_managed = optional(bool)
  })
  nullable = false

  validation {
    condition     = (var.encryption.kms_key_arn == null) == (var.encryption.sqs_managed == true)
    error_message = "encryption has ${var.encryption.kms_key_arn == null ? "neither" : "both"} of kms_key_arn and sqs_managed = true: give one of them."
  }
}

variable "location" {
  description = "Account and region that the queue stands in: its ARN is put together from them."
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

variable "name" {
  description = "Name of the queue, without the suffix."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,63}$", var.name))
    error_message = "name is \"${var.name}\": give at most 63 letters, digits, hyphens and underscores (SQS takes 80, and `-dlq-<suffix>` follows)."
  }
}

variable "retention_days" {
  description = "Days that a message waits for somebody to take it."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 14 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days is ${var.retention_days}: give 1 to 14, the most that SQS keeps a message."
  }
}

variable "senders" {
  description = "AWS services that send with their own principal, by name, each for one source."
  type = map(object({
    service    = string
    source_arn = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.senders) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "senders has the names ${join(", ", keys(var.senders))}: give lower-case letters, digits and underscores, a letter first, as statements of a policy are named after them."
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

variable "visibility_timeout_s" {
  description = "Seconds that a received message stays hidden from others."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.visibility_timeout_s >= 0 && var.visibility_timeout_s <= 43200
    error_message = "visibility_timeout_s is ${var.visibility_timeout_s}: give 0 to 43200 (12 hours)."
  }
}
