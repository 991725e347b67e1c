variable "context" {
  description = "What every unit of the environment gets from the root configuration."
  type = object({
    alarm_email        = string
    monthly_budget_usd = number
    suffix             = string
  })
  nullable = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.context.suffix)) && length(var.context.suffix) <= 12
    error_message = "context.suffix is \"${var.context.suffix}\": give at most 12 lower-case letters and digits, with single hyphens between them, a letter first."
  }
}
