variable "kms_key_id" {
  description = "Key that encrypts the messages: the ARN of a key of yours, or `alias/aws/sns`, with which no AWS service can publish."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Account and region of the topic. The module builds the ARN from them."
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
  description = "Name of the topic, with its suffix: at most 256 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,256}$", var.name))
    error_message = "name is \"${var.name}\": give at most 256 letters, digits, hyphens and underscores."
  }
}

variable "publishers" {
  description = "AWS services that publish with their own principal, by a name of yours. The account's own principals need no entry."
  type = map(object({
    service    = string # principal, such as `cloudwatch.amazonaws.com`
    source_arn = string # of what may publish; `*` matches any part of an ARN
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.publishers) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "publishers has the names ${join(", ", keys(var.publishers))}: give lower-case letters, digits and underscores, beginning with a letter, because statements of a policy are named after them."
  }
}
