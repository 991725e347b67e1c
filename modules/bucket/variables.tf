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
  description = "Days that S3 keeps a replaced or deleted version of an object, 1 or more."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days is ${var.noncurrent_days}: give a whole number of days, 1 or more."
  }
}
