variable "destroyable" {
  description = "Whether the table may be deleted; otherwise deletion protection is on."
  type        = bool
  nullable    = false
}

variable "indexes" {
  description = "Global secondary indexes by name, each with all attributes."
  type = map(object({
    partition = object({ name = string, type = string })
    sort      = optional(object({ name = string, type = string }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for attribute in flatten([for index in var.indexes : values(index)]) : attribute == null ? true : contains(["B", "N", "S"], attribute.type)])
    error_message = "indexes has the types ${join(", ", [for attribute in flatten([for index in var.indexes : values(index)]) : attribute.type if attribute != null])}: give S, N or B."
  }
}

variable "key" {
  description = "Attributes that identify an item; a type is `S`, `N` or `B`."
  type = object({
    partition = object({ name = string, type = string })
    sort      = optional(object({ name = string, type = string }))
  })
  nullable = false

  validation {
    condition     = alltrue([for attribute in values(var.key) : attribute == null ? true : contains(["B", "N", "S"], attribute.type)])
    error_message = "key has the types ${join(", ", [for attribute in values(var.key) : attribute.type if attribute != null])}: give S, N or B."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the table."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.name))
    error_message = "name is \"${var.name}\": give 3 to 255 letters, digits, hyphens, underscores and dots."
  }
}

variable "recovery_days" {
  description = "Days that the table can be restored to any second of."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.recovery_days >= 1 && var.recovery_days <= 35 && floor(var.recovery_days) == var.recovery_days
    error_message = "recovery_days is ${var.recovery_days}: give 1 to 35, the most that DynamoDB keeps."
  }
}

variable "time_to_live_attribute" {
  description = "Attribute with the time (seconds since 1970) after which an item goes; without it, items stay."
  type        = string
  default     = null
}
