variable "archive_days" {
  description = "Days that the archive keeps an event for a replay, 1 or more."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.archive_days >= 1 && floor(var.archive_days) == var.archive_days
    error_message = "archive_days is ${var.archive_days}: give a whole number of days, 1 or more."
  }
}

variable "event_source" {
  description = "The `source` of the events that the bus is for. It must not begin with `aws.`."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.event_source) >= 1 && !startswith(var.event_source, "aws.")
    error_message = "event_source is \"${var.event_source}\": give a name that does not begin with `aws.`, which EventBridge refuses."
  }
}

variable "keys" {
  description = "ARNs of the keys that encrypt the bus and what it leaves behind."
  type = object({
    data = string # the bus, and the dead letters of its rules; its policy must admit EventBridge for both
    logs = string # the log of events without a route; its policy must admit CloudWatch Logs for `/aws/events/<name>-*`
  })
  nullable = false
}

variable "location" {
  description = "Account and region of the bus."
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

variable "log_retention_days" {
  description = "Days that the log keeps an event without a route: a number that CloudWatch Logs offers, such as 30."
  type        = number
  default     = 30
  nullable    = false
}

variable "name" {
  description = "Name of the bus and its archive, without the suffix: at most 35 characters. All other names begin with it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9._-]{1,35}$", var.name))
    error_message = "name is \"${var.name}\": give at most 35 letters, digits, dots, hyphens and underscores (an archive allows 48, and the suffix follows)."
  }
}

variable "routes" {
  description = "Workflows by the detail type that starts them. A workflow's input is the event's detail."
  type = map(object({
    maximum_age_s   = optional(number, 3600) # seconds that EventBridge tries to start the workflow, 60 to 86400 (a day)
    maximum_retries = optional(number, 10)   # attempts after the first, 0 to 185; then the event becomes a dead letter
    workflow_arn    = string                 # ARN of the state machine
  }))
  nullable = false

  validation {
    condition     = alltrue([for detail_type in keys(var.routes) : can(regex("^[a-zA-Z0-9_-]+$", detail_type))])
    error_message = "routes has the detail types ${join(", ", keys(var.routes))}: give letters, digits, hyphens and underscores, because the names of a rule, a queue and a role contain them."
  }

  validation {
    condition     = length(var.routes) >= 1
    error_message = "routes is empty: name at least one detail type and its workflow."
  }

  validation {
    condition     = alltrue([for route in var.routes : route.maximum_age_s >= 60 && route.maximum_age_s <= 86400])
    error_message = "routes has a maximum_age_s of ${join(", ", [for route in var.routes : route.maximum_age_s if route.maximum_age_s < 60 || route.maximum_age_s > 86400])}: give 60 to 86400 (a day)."
  }

  validation {
    condition     = alltrue([for route in var.routes : route.maximum_retries >= 0 && route.maximum_retries <= 185])
    error_message = "routes has maximum_retries of ${join(", ", [for route in var.routes : route.maximum_retries if route.maximum_retries < 0 || route.maximum_retries > 185])}: give 0 to 185."
  }
}

variable "suffix" {
  description = "Last part of every name: at most 12 lower-case letters, digits and hyphens."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.suffix)) && length(var.suffix) <= 12
    error_message = "suffix is \"${var.suffix}\": give at most 12 lower-case letters and digits, with single hyphens between them, beginning with a letter."
  }
}
