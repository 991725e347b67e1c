variable "email" {
  description = "Address that is told."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", var.email))
    error_message = "email is \"${var.email}\": give one e-mail address, such as alarms@example.com."
  }
}

variable "limit_usd" {
  description = "What the account may cost in a month, in US dollars."
  type        = number
  nullable    = false

  validation {
    condition     = var.limit_usd > 0
    error_message = "limit_usd is ${var.limit_usd}: give an amount above 0."
  }
}

variable "name" {
  description = "Name of the budget."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^:\\\\]{1,100}$", var.name))
    error_message = "name is \"${var.name}\": give at most 100 characters, without colon and backslash."
  }
}
