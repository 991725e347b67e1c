variable "dead_letter_queue_arns" {
  description = "ARNs of the queues for the workflow's dead letters, which `keys.data` encrypts. At least one."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.dead_letter_queue_arns) >= 1
    error_message = "dead_letter_queue_arns is empty: give at least one ARN, because IAM accepts no statement without a resource."
  }
}

variable "definition" {
  description = "The workflow in Amazon States Language, as JSON text: at most 1 MB."
  type        = string
  nullable    = false

  validation {
    condition     = can(jsondecode(var.definition).States)
    error_message = "definition has no States: give the JSON text of an Amazon States Language document."
  }
}

variable "function_arns" {
  description = "ARNs of the functions that the workflow invokes. At least one."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.function_arns) >= 1
    error_message = "function_arns is empty: give at least one ARN, because IAM accepts no statement without a resource."
  }
}

variable "keys" {
  description = "ARNs of the keys that encrypt what belongs to the workflow."
  type = object({
    data = string # the state machine with its executions, and the dead-letter queues
    logs = string # the log of the executions; its policy must admit CloudWatch Logs for `/aws/vendedlogs/states/<name>`
  })
  nullable = false
}

variable "location" {
  description = "Account and region of the state machine."
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
  description = "Days that the log keeps an entry: a number that CloudWatch Logs offers, such as 30."
  type        = number
  default     = 30
  nullable    = false
}

variable "name" {
  description = "Name of the state machine, with its suffix: at most 80 characters. Its role is `<name>-<region>`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,80}$", var.name))
    error_message = "name is \"${var.name}\": give at most 80 letters, digits, hyphens and underscores."
  }
}

variable "updated_table_arns" {
  description = "ARNs of tables whose items the workflow updates, and which `keys.data` encrypts."
  type        = list(string)
  default     = []
  nullable    = false
}
