variable "context" {
  description = "What every unit of the environment gets from the root configuration."
  type = object({
    accept_test_events           = bool
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
    keys = object({
      data = object({ arn = string })
      logs = object({ arn = string })
    })
    repository = object({ url = string })
    table      = object({ arn = string, name = string })
  })
  nullable = false
}
