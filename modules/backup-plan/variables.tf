variable "destroyable" {
  description = "Whether the vault may be deleted with the backups in it."
  type        = bool
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the tables and their backups."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Account and region that the vault stands in."
  type = object({
    account_id = string # 12 digits
    region     = string # such as us-east-1
  })
  nullable = false
}

variable "name" {
  description = "Name of the vault and the plan."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{2,50}$", var.name))
    error_message = "name is \"${var.name}\": give 2 to 50 letters, digits, hyphens and underscores."
  }
}

variable "retention_days" {
  description = "Days that a backup is kept."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days is ${var.retention_days}: give a whole number of days, 1 or more."
  }
}

variable "role_name" {
  description = "Name of the role that AWS Backup takes. IAM is global in an account, so the name says the region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "role_name is \"${var.role_name}\": IAM takes 1 to 64 letters, digits and the characters + = , . @ _ -."
  }
}

variable "table_arns" {
  description = "DynamoDB tables that are backed up every day, at three in the morning UTC."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.table_arns) >= 1
    error_message = "table_arns is empty: name at least one table."
  }
}
