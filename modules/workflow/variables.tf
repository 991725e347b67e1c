variable "dead_letter_queue_arns" {
  description = "Queues that the workflow sends what failed to, encrypted with `keys.data`."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.dead_letter_queue_arns) >= 1
    error_message = "dead_letter_queue_arns is empty: give at least one ARN, as IAM takes no statement without a resource."
  }
}

variable "definition" {
  description = "The workflow in Amazon States Language, as JSON text."
  type        = string
  nullable    = false

  validation {
    condition     = can(jsondecode(var.definition).States)
    error_message = "definition has no States: give the JSON text of an Amazon States Language document."
  }
}

variable "function_arns" {
  description = "Functions that the workflow invokes."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.function_arns) >= 1
    error_message = "function_arns is empty: give at least one ARN, as IAM takes no statement without a resource."
  }
}

variable "keys" {
  description = "Keys that encrypt: `data` the state machine with its executions and the dead-letter queues, `logs` the log of the executions."
  type = object({
    data = string
    logs = string
  })
  nullable = false
}

variable "location" {
  description = "Account and region that the state machine stands in."
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
  description = "Days that a log entry is kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "name" {
  description = "Name of the state machine; its role is `<name>-<region>`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,80}$", var.name))
    error_message = "name is \"${var.name}\": give at most 80 letters, digits, hyphens and underscores."
  }
}
