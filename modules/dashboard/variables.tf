variable "name" {
  description = "Name of the dashboard."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,255}$", var.name))
    error_message = "name is \"${var.name}\": give at most 255 letters, digits, hyphens and underscores."
  }
}

variable "region" {
  description = "Region that the metrics come from."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region)) && !startswith(var.region, "cn-")
    error_message = "region is \"${var.region}\": give a region such as us-east-1; not one of China or GovCloud, where ARNs are others."
  }
}

variable "widgets" {
  description = "Charts in reading order, three a row, each with the metrics that it draws."
  type = list(object({
    metrics = list(object({
      dimensions = map(string)
      label      = string
      name       = string
      namespace  = string
    }))
    statistic = optional(string, "Sum")
    title     = string
  }))
  nullable = false

  validation {
    condition     = length(var.widgets) >= 1 && alltrue([for widget in var.widgets : length(widget.metrics) >= 1])
    error_message = "widgets has ${length(var.widgets)} charts, ${length([for widget in var.widgets : widget if length(widget.metrics) == 0])} of them without metrics: give at least one chart, and each at least one metric."
  }
}
