variable "name" {
  description = "Name of the dashboard: at most 255 characters, unique in the account."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,255}$", var.name))
    error_message = "name is \"${var.name}\": give at most 255 letters, digits, hyphens and underscores."
  }
}

variable "period_s" {
  description = "Seconds that one point of a chart covers, a multiple of 60."
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.period_s >= 60 && var.period_s % 60 == 0
    error_message = "period_s is ${var.period_s}: give a multiple of 60."
  }
}

variable "region" {
  description = "Region of the metrics, such as us-east-1."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region)) && !startswith(var.region, "cn-")
    error_message = "region is \"${var.region}\": give a region such as us-east-1. Regions of China and GovCloud are refused, because their ARNs have another form."
  }
}

variable "widgets" {
  description = "Charts in reading order, three in a row. Each draws one or more metrics."
  type = list(object({
    metrics = list(object({
      dimensions = map(string)          # what the metric measures, such as `{ QueueName = "orders-dev" }`
      label      = string               # name in the chart's legend
      name       = string               # as the service publishes it, such as `Errors`
      namespace  = string               # of the service that publishes it, such as `AWS/Lambda`
      percent_of = optional(string)     # another metric of the same namespace and dimensions: the chart draws the percentage of it
    }))                                 # at least one
    statistic = optional(string, "Sum") # of all metrics of the chart, each period; CloudWatch also takes percentiles, such as `p99`
    title     = string                  # above the chart, with the unit where it is not a count
  }))
  nullable = false

  validation {
    condition     = length(var.widgets) >= 1 && alltrue([for widget in var.widgets : length(widget.metrics) >= 1])
    error_message = "widgets has ${length(var.widgets)} charts, ${length([for widget in var.widgets : widget if length(widget.metrics) == 0])} of them without metrics: give at least one chart, and each at least one metric."
  }
}
