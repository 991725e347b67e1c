variable "email" {
  description = "E-mail address that receives the alarms, once it has confirmed the subscription that AWS offers it by e-mail."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", var.email))
    error_message = "email is \"${var.email}\": give one e-mail address, such as alarms@example.com."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the notifications. Its policy must admit CloudWatch for this topic."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Account and region of the topic and its alarms."
  type = object({
    account_id = string # 12 digits
    region     = string # such as us-east-1; no region of China or GovCloud
  })
  nullable = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.location.account_id)) && can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.location.region)) && !startswith(var.location.region, "cn-")
    error_message = "location is \"${var.location.account_id}\" in \"${var.location.region}\": give the 12 digits of an AWS account and a region such as us-east-1. Regions of China and GovCloud are refused, because their ARNs have another form."
  }
}

variable "name" {
  description = "Name of the topic, with its suffix: at most 256 characters."
  type        = string
  nullable    = false
}
