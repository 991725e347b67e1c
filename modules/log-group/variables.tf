variable "kms_key_arn" {
  description = "ARN of the key that encrypts the log. Its policy must admit CloudWatch Logs for this name."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the log group, with its path: at most 512 characters, such as `/aws/lambda/orders-dev`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.name))
    error_message = "name is \"${var.name}\": give at most 512 letters, digits, and any of _ / . # -"
  }
}

variable "retention_days" {
  description = "Days that the log keeps an entry: a number that CloudWatch Logs offers, such as 30."
  type        = number
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.retention_days)
    error_message = "retention_days is ${var.retention_days}: give one that CloudWatch Logs offers (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)."
  }
}
