variable "alarms" {
  description = "Alarms by name. Each goes off when its metric is above a value for a number of consecutive periods."
  type = map(object({
    above       = optional(number, 0)     # in the metric's unit, or in percent with `percent_of`; at this value the alarm stays off
    description = string                  # text of the message: what happened, and what to do, in whole sentences
    dimensions  = map(string)             # what the metric measures, such as `{ QueueName = "orders-dev" }`
    metric_name = string                  # as the service publishes it, such as `Errors`
    namespace   = string                  # of the service that publishes it, such as `AWS/Lambda`
    percent_of  = optional(string)        # another metric of the same namespace and dimensions: the alarm judges the percentage of it
    period_s    = optional(number, 60)    # seconds, a multiple of 60
    periods     = optional(number, 1)     # consecutive periods: a day in all at most, or a week where a period is an hour or longer
    section     = string                  # heading of the runbook's section about this alarm; the message ends in it
    statistic   = optional(string, "Sum") # `Average`, `Maximum`, `Minimum`, `SampleCount` or `Sum`
  }))
  nullable = false

  validation {
    condition     = alltrue([for alarm in var.alarms : contains(["Average", "Maximum", "Minimum", "SampleCount", "Sum"], alarm.statistic)])
    error_message = "alarms has the statistic ${join(", ", [for alarm in var.alarms : alarm.statistic if !contains(["Average", "Maximum", "Minimum", "SampleCount", "Sum"], alarm.statistic)])}: give Average, Maximum, Minimum, SampleCount or Sum."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : alarm.period_s >= 60 && alarm.period_s % 60 == 0])
    error_message = "alarms has a period_s of ${join(", ", [for alarm in var.alarms : alarm.period_s if alarm.period_s < 60 || alarm.period_s % 60 != 0])}: give a multiple of 60."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : alarm.periods >= 1 && alarm.periods * alarm.period_s <= (alarm.period_s >= 3600 ? 604800 : 86400)])
    error_message = "alarms looks at ${join(", ", [for alarm in var.alarms : "${alarm.periods} periods of ${alarm.period_s} s"])}: give at least one period, and at most a day in all, or a week where a period is an hour or longer."
  }

  validation {
    condition     = alltrue([for name in keys(var.alarms) : length(name) <= 255])
    error_message = "alarms has names of ${join(", ", [for name in keys(var.alarms) : length(name) if length(name) > 255])} characters: give at most 255."
  }

  validation {
    condition     = alltrue([for alarm in var.alarms : length(alarm.description) > 0])
    error_message = "alarms.${join(", alarms.", [for name, alarm in var.alarms : name if length(alarm.description) == 0])} has no description: say what happened, for the person who gets the message at night."
  }
}

variable "runbook" {
  description = "Page that has a section about each alarm, such as `docs/runbooks/orders.md`."
  type        = string
  nullable    = false
}

variable "topic_arn" {
  description = "ARN of the topic that alarms publish to, when they go off and when they end."
  type        = string
  nullable    = false
}
