variable "destroyable" {
  description = "Whether the table may be deleted. If not, it has deletion protection."
  type        = bool
  nullable    = false
}

variable "indexes" {
  description = "Global secondary indexes by name. Each holds all attributes of an item."
  type = map(object({
    partition = object({
      name = string # attribute that a query of the index must name
      type = string # `S` text, `N` number, `B` binary
    })              # an item without this attribute is not in the index
    sort = optional(object({
      name = string # attribute that orders the items of a partition of the index
      type = string # `S` text, `N` number, `B` binary
    }))             # an item without this attribute is not in the index, either
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for attribute in flatten([for index in var.indexes : values(index)]) : attribute == null ? true : contains(["B", "N", "S"], attribute.type)])
    error_message = "indexes has the types ${join(", ", [for attribute in flatten([for index in var.indexes : values(index)]) : attribute.type if attribute != null])}: give S, N or B."
  }
}

variable "key" {
  description = "Attributes that identify an item."
  type = object({
    partition = object({
      name = string # attribute that identifies an item, with `sort` if there is one
      type = string # `S` text, `N` number, `B` binary
    })              # one partition takes 1,000 write units and 3,000 read units a second
    sort = optional(object({
      name = string # attribute that tells the items of a partition apart, and orders them
      type = string # `S` text, `N` number, `B` binary
    }))             # without it, the partition's attribute alone identifies an item
  })
  nullable = false

  validation {
    condition     = alltrue([for attribute in values(var.key) : attribute == null ? true : contains(["B", "N", "S"], attribute.type)])
    error_message = "key has the types ${join(", ", [for attribute in values(var.key) : attribute.type if attribute != null])}: give S, N or B."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the table."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the table, with its suffix: 3 to 255 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.name))
    error_message = "name is \"${var.name}\": give 3 to 255 letters, digits, hyphens, underscores and dots."
  }
}

variable "recovery_days" {
  description = "Days, 1 to 35. The table can be restored to any second within them."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.recovery_days >= 1 && var.recovery_days <= 35 && floor(var.recovery_days) == var.recovery_days
    error_message = "recovery_days is ${var.recovery_days}: give a whole number from 1 to 35, the longest that DynamoDB allows."
  }
}

variable "time_to_live_attribute" {
  description = "Attribute that holds an item's expiry, in seconds since 1970 (UTC). DynamoDB deletes the item later; null: items stay."
  type        = string
  default     = null
}
