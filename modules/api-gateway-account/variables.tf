variable "location" {
  description = "Account and region whose APIs write logs."
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
  description = "Name of the role: at most 64 characters. IAM has it once in an account, so it names the region."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.name))
    error_message = "name is \"${var.name}\": give at most 64 letters, digits, hyphens and underscores."
  }
}
