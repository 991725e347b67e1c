variable "description" {
  description = "What the key protects."
  type        = string
  nullable    = false
}

variable "destroyable" {
  description = "Whether the key may go 7 days after it was deleted; otherwise it waits 30."
  type        = bool
  nullable    = false
}

variable "location" {
  description = "Account and region that the key stands in."
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
  description = "Name of the alias, without `alias/`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,250}$", var.name)) && !startswith(var.name, "aws-")
    error_message = "name is \"${var.name}\": give letters, digits, hyphens and underscores, without the prefix `aws-`, which AWS keeps for itself."
  }
}

variable "users" {
  description = "AWS services that use the key with their own principal, by name: what each may do, and under which condition."
  type = map(object({
    actions   = optional(list(string), ["kms:Decrypt", "kms:GenerateDataKey"])
    condition = map(map(list(string)))
    service   = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.users) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "users has the names ${join(", ", keys(var.users))}: give lower-case letters, digits and underscores, a letter first, as statements of a policy are named after them."
  }

  validation {
    condition     = alltrue([for user in var.users : length(user.condition) > 0 && length(user.actions) > 0])
    error_message = "users.${join(", users.", [for name, user in var.users : name if length(user.condition) == 0 || length(user.actions) == 0])} has no condition or no actions: give the actions, and the encryption context or source that the service sends, or the key serves every account of that service."
  }
}
