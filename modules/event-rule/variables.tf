variable "bus_name" {
  description = "Name of the bus. AWS services send their events to the bus `default`, which every account has."
  type        = string
  default     = "default"
  nullable    = false
}

variable "dead_letters" {
  description = "Queue for events that EventBridge could not deliver. It and its key must admit the rule."
  type = object({
    arn = string # of the queue
  })
  nullable = false
}

variable "description" {
  description = "What the rule does, for people who see it in the console: at most 512 characters."
  type        = string
  nullable    = false
}

variable "event_pattern" {
  description = "What events match, as EventBridge takes it: an object with at least one field."
  type        = any
  nullable    = false

  validation {
    condition     = try(length(keys(var.event_pattern)) > 0, false)
    error_message = "event_pattern is no object with a field: give one such as { source = [\"orders\"] }."
  }
}

variable "input_fields" {
  description = "The workflow's input: names and the JSON paths of what they hold, such as `{ key = \"$.detail.object.key\" }`. Texts are not escaped. Null: see `input_path`."
  type        = map(string)
  default     = null

  validation {
    condition     = var.input_fields == null ? true : length(var.input_fields) > 0 && alltrue([for name, path in var.input_fields : can(regex("^[a-z_]+$", name)) && startswith(path, "$.")])
    error_message = "input_fields has the names ${join(", ", keys(coalesce(var.input_fields, {})))} and the paths ${join(", ", values(coalesce(var.input_fields, {})))}: give names of lower-case letters and underscores, and paths that begin with `$.`."
  }
}

variable "input_path" {
  description = "JSON path of the part of the event that is the workflow's input. Null: the whole event, or `input_fields`."
  type        = string
  default     = null
}

variable "location" {
  description = "Account and region of the rule."
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
  description = "Name of the rule, without the suffix. Its role is `<name>-<suffix>-<region>`, which IAM limits to 64 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9._-]+$", var.name))
    error_message = "name is \"${var.name}\": give letters, digits, dots, hyphens and underscores."
  }
}

variable "retries" {
  description = "How long and how often EventBridge tries to start the workflow. Then the event becomes a dead letter."
  type = object({
    maximum_age_s   = optional(number, 3600) # seconds, 60 to 86400 (a day)
    maximum_retries = optional(number, 10)   # attempts after the first, 0 to 185
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.retries.maximum_age_s >= 60 && var.retries.maximum_age_s <= 86400 && var.retries.maximum_retries >= 0 && var.retries.maximum_retries <= 185
    error_message = "retries is ${var.retries.maximum_retries} in ${var.retries.maximum_age_s} seconds: give 0 to 185, and 60 to 86400 (a day)."
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

variable "workflow_arn" {
  description = "ARN of the state machine that each matching event starts."
  type        = string
  nullable    = false
}
