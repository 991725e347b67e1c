variable "account_id" {
  description = "Account of the bucket, 12 digits: the bucket's policy names its root."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is \"${var.account_id}\": give the 12 digits of an AWS account."
  }
}

variable "archive_after_days" {
  description = "Days after which S3 moves a version of an object to Glacier: a current one since its upload, an old one since it became old. Null: never."
  type        = number
  default     = null

  validation {
    condition     = var.archive_after_days == null ? true : var.archive_after_days >= 1 && floor(var.archive_after_days) == var.archive_after_days
    error_message = "archive_after_days is ${coalesce(var.archive_after_days, "missing")}: give a whole number of days, 1 or more."
  }
}

variable "destroyable" {
  description = "Whether the bucket may be deleted together with the objects in it."
  type        = bool
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the objects."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the bucket: 3 to 63 characters, unique in all of AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": give 3 to 63 lower-case letters, digits and hyphens, without a hyphen at either end."
  }
}

variable "noncurrent_days" {
  description = "Days that S3 keeps a replaced or deleted version of an object, 1 or more. Null: it stays."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days == null ? true : var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days is ${coalesce(var.noncurrent_days, "missing")}: give a whole number of days, 1 or more."
  }
}

variable "sends_events" {
  description = "Whether S3 sends all events of the bucket to the account's default event bus. It excludes `bucket-notifications`."
  type        = bool
  default     = false
  nullable    = false
}
