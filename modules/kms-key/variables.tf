variable "description" {
  description = "What the key encrypts, for people who see it in the console: at most 8192 characters."
  type        = string
  nullable    = false
}

variable "destroyable" {
  description = "Whether AWS deletes the key 7 days after its removal, not 30. Until then the removal can be undone."
  type        = bool
  nullable    = false
}

variable "location" {
  description = "Account and region of the key."
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

variable "log_groups" {
  description = "Names of the log groups that the key encrypts. `*` stands for what is not known before an apply, such as the id of an API."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.log_groups : can(regex("^[a-zA-Z0-9_./#*-]{1,512}$", name)) && !startswith(name, "*")])
    error_message = "log_groups is ${join(", ", var.log_groups)}: give names of log groups, of letters, digits and _ . / # - only. A name may hold * but not begin with it."
  }
}

variable "name" {
  description = "Name of the alias, without `alias/`: at most 250 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,250}$", var.name)) && !startswith(var.name, "aws-")
    error_message = "name is \"${var.name}\": give letters, digits, hyphens and underscores, without the prefix `aws-`, which AWS reserves."
  }
}

variable "users" {
  description = "AWS services that use the key with their own principal, by a name of yours; roles, and CloudWatch Logs for log_groups, need no entry."
  type = map(object({
    actions   = optional(list(string), ["kms:Decrypt", "kms:GenerateDataKey"]) # of KMS, at least one
    condition = map(map(list(string)))                                         # operator to key to values, as in IAM: the encryption context or the source that the service sends
    service   = string                                                         # principal, such as `sns.amazonaws.com`
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.users) : can(regex("^[a-z][a-z0-9_]*$", name)) && name != "logs"])
    error_message = "users has the names ${join(", ", keys(var.users))}: give lower-case letters, digits and underscores, beginning with a letter, because statements of a policy are named after them. The name logs is that of log_groups."
  }

  validation {
    condition     = alltrue([for user in var.users : length(user.condition) > 0 && length(user.actions) > 0])
    error_message = "users.${join(", users.", [for name, user in var.users : name if length(user.condition) == 0 || length(user.actions) == 0])} has no condition or no actions: give the actions, and the encryption context or source that the service sends. Without a condition, the service could use the key for any account."
  }
}
