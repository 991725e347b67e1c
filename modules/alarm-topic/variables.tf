variable "email" {
  description = "Address that gets the alarms, after it confirmed the subscription that AWS asks for by e-mail."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", var.email))
    error_message = "email is \"${var.email}\": give one e-mail address, such as alarms@example.com."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the notifications; its policy admits CloudWatch for this topic."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Account and region that the topic and its alarms stand in."
  type = object({
    account_id = string
    region     = string
  })
  nullable = false
}

variable "name" {
  description = "Name of the topic."
  type        = string
  nullable    = false
}
