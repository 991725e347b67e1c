variable "destroyable" {
  description = "Whether the bucket may be deleted with what is in it."
  type        = bool
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the objects."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the bucket, unique in all of AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": give 3 to 63 lower-case letters, digits and hyphens, none of them a hyphen at the ends."
  }
}

variable "noncurrent_days" {
  description = "Days that a replaced or deleted version of an object is kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days is ${var.noncurrent_days}: give a whole number of days, 1 or more."
  }
}
