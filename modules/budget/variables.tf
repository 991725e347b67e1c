variable "email" {
  description = "E-mail address that receives the messages."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", var.email))
    error_message = "email is \"${var.email}\": give one e-mail address, such as alarms@example.com."
  }
}

variable "limit_usd" {
  description = "Budget of the account for a calendar month, in US dollars. AWS stops nothing when it is spent."
  type        = number
  nullable    = false

  validation {
    condition     = var.limit_usd > 0
    error_message = "limit_usd is ${var.limit_usd}: give an amount above 0."
  }
}

variable "name" {
  description = "Name of the budget: at most 100 characters, unique in the account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^:\\\\]{1,100}$", var.name))
    error_message = "name is \"${var.name}\": give at most 100 characters, without colon and backslash."
  }
}
