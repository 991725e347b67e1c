variable "context" {
  description = "What every unit of the environment gets from the root configuration."
  type = object({
    account_id      = string
    backups         = bool
    destroyable     = bool
    region          = string
    restored_tables = map(string)
    suffix          = string
  })
  nullable = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.context.account_id))
    error_message = "context.account_id is \"${var.context.account_id}\": give the 12 digits of an AWS account."
  }

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.context.region)) && !startswith(var.context.region, "cn-")
    error_message = "context.region is \"${var.context.region}\": give a region such as us-east-1. Regions of China and GovCloud are refused, because their ARNs have another form."
  }

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.context.suffix)) && length(var.context.suffix) <= 12
    error_message = "context.suffix is \"${var.context.suffix}\": give at most 12 lower-case letters and digits, with single hyphens between them, beginning with a letter."
  }
}
