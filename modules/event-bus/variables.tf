variable "archive_days" {
  description = "Days that an event can be replayed."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.archive_days >= 1 && floor(var.archive_days) == var.archive_days
    error_message = "archive_days is ${var.archive_days}: give a whole number of days, 1 or more."
  }
}

variable "event_source" {
  description = "The `source` of the events that the bus is for."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.event_source) >= 1 && !startswith(var.event_source, "aws.")
    error_message = "event_source is \"${var.event_source}\": give a name that does not start with `aws.`, which EventBridge refuses."
  }
}

variable "keys" {
  description = "Keys that encrypt: `data` the bus and the events that could not be delivered, `logs` those that no route takes."
  type = object({
    data = string
    logs = string
  })
  nullable = false
}

variable "location" {
  description = "Account and region that the bus stands in."
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

variable "log_retention_days" {
  description = "Days that an event that no route takes is kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "name" {
  description = "Name of the bus and its archive, without the suffix; the other names begin with it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9._-]{1,35}$", var.name))
    error_message = "name is \"${var.name}\": give at most 35 letters, digits, dots, hyphens and underscores (an archive takes 48, and the suffix follows)."
  }
}

variable "routes" {
  description = "Workflow that each detail type starts, with the event's detail as its input, and how long and how often EventBridge tries."
  type = map(object({
    maximum_age_s   = optional(number, 3600)
    maximum_retries = optional(number, 10)
    workflow_arn    = string
  }))
  nullable = false

  validation {
    condition     = alltrue([for detail_type in keys(var.routes) : can(regex("^[a-zA-Z0-9_-]+$", detail_type))])
    error_message = "routes has the detail types ${join(", ", keys(var.routes))}: give letters, digits, hyphens and underscores, as names of a rule, a queue and a role are made of them."
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
  description = "Last part of every name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.suffix)) && length(var.suffix) <= 12
    error_message = "suffix is \"${var.suffix}\": give at most 12 lower-case letters and digits, with single hyphens between them, a letter first."
  }
}
