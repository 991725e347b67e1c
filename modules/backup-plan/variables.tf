variable "destroyable" {
  description = "Whether the vault may be deleted together with the backups in it."
  type        = bool
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the tables and their backups."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Account and region of the vault."
  type = object({
    account_id = string # 12 digits
    region     = string # such as us-east-1; no region of China or GovCloud
  })
  nullable = false
}

variable "name" {
  description = "Name of the vault and of the plan: 2 to 50 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{2,50}$", var.name))
    error_message = "name is \"${var.name}\": give 2 to 50 letters, digits, hyphens and underscores."
  }
}

variable "retention_days" {
  description = "Days that AWS Backup keeps a backup, 1 or more."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.retention_days >= 1 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days is ${var.retention_days}: give a whole number of days, 1 or more."
  }
}

variable "role_name" {
  description = "Name of the role that AWS Backup assumes: at most 64 characters. IAM has it once in an account, so it names the region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "role_name is \"${var.role_name}\": IAM takes 1 to 64 letters, digits and the characters + = , . @ _ -."
  }
}

variable "table_arns" {
  description = "ARNs of the DynamoDB tables to back up, every day at 03:00 UTC."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.table_arns) >= 1
    error_message = "table_arns is empty: name at least one table."
  }
}
