variable "context" {
  description = "What every unit of the environment gets from the root configuration."
  type = object({
    account_id                   = string
    artifact_bucket              = string
    log_retention_days           = number
    packaging                    = string
    region                       = string
    release_manifest             = string
    reserved_concurrency_percent = number
    suffix                       = string
  })
  nullable = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.context.account_id))
    error_message = "context.account_id is \"${var.context.account_id}\": give the 12 digits of an AWS account."
  }

  validation {
    condition     = contains(["image", "zip"], var.context.packaging)
    error_message = "context.packaging is \"${var.context.packaging}\": give image or zip."
  }

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.context.region)) && !startswith(var.context.region, "cn-")
    error_message = "context.region is \"${var.context.region}\": give a region such as us-east-1. Regions of China and GovCloud are refused, because their ARNs have another form."
  }

  validation {
    condition     = var.context.reserved_concurrency_percent >= 1 && var.context.reserved_concurrency_percent <= 1000
    error_message = "context.reserved_concurrency_percent is ${var.context.reserved_concurrency_percent}: give 1 to 1000."
  }

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.context.suffix)) && length(var.context.suffix) <= 12
    error_message = "context.suffix is \"${var.context.suffix}\": give at most 12 lower-case letters and digits, with single hyphens between them, beginning with a letter."
  }
}

variable "data" {
  description = "Outputs of the system's data unit."
  type = object({
    bucket = object({ arn = string, name = string })
    keys = object({
      data = object({ arn = string })
      logs = object({ arn = string })
    })
    repositories = map(object({ url = string }))
    tables = object({
      status       = object({ arn = string, name = string })
      transactions = object({ arn = string, name = string })
    })
  })
  nullable = false
}

variable "minimum_valid_percent" {
  description = "Share of a file's rows that has to be valid, in percent: 1 to 100. A file below it fails, and none of its rows is stored."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.minimum_valid_percent >= 1 && var.minimum_valid_percent <= 100 && floor(var.minimum_valid_percent) == var.minimum_valid_percent
    error_message = "minimum_valid_percent is ${var.minimum_valid_percent}: give a whole number, 1 to 100."
  }
}
