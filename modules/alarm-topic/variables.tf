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

  validation {
    condition     = can(regex("^[0-9]{12}$", var.location.account_id)) && can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.location.region)) && !startswith(var.location.region, "cn-")
    error_message = "location is \"${var.location.account_id}\" in \"${var.location.region}\": give the 12 digits of an AWS account, and a region such as us-east-1; not one of China or GovCloud, where ARNs are others."
  }
}

variable "name" {
  description = "Name of the topic."
  type        = string
  nullable    = false
}
