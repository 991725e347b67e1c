variable "counted_rules" {
  description = "Rules that count what they match instead of blocking it, by the name of AWS's rule group that they belong to."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition = length(setsubtract(keys(var.counted_rules), [
      "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesAnonymousIpList", "AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet",
    ])) == 0
    error_message = "counted_rules names the groups ${join(", ", keys(var.counted_rules))}: give AWSManagedRulesAmazonIpReputationList, AWSManagedRulesAnonymousIpList, AWSManagedRulesCommonRuleSet or AWSManagedRulesKnownBadInputsRuleSet."
  }
}

variable "description" {
  description = "What the web ACL protects: at most 256 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[\\w+=:#@/,.-][\\w+=:#@/,. -]{0,254}[\\w+=:#@/,.-]$", var.description))
    error_message = "description is \"${var.description}\": give at most 256 letters, digits, spaces and any of _ + = : # @ / - , . (WAF accepts no others)."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the log. Its policy must admit CloudWatch Logs for `aws-waf-logs-<name>`."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the log keeps an entry: a number that CloudWatch Logs offers, such as 30."
  type        = number
  default     = 30
  nullable    = false
}

variable "name" {
  description = "Name of the web ACL, with its suffix: at most 128 characters. Its log group is `aws-waf-logs-<name>`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,128}$", var.name))
    error_message = "name is \"${var.name}\": give at most 128 letters, digits, hyphens and underscores."
  }
}

variable "redacted_headers" {
  description = "Names of headers, in lower case, whose values the log leaves out."
  type        = list(string)
  default     = ["authorization", "cookie"]
  nullable    = false
}

variable "requests_per_5_minutes" {
  description = "Requests of one IP address in five minutes, 10 to 2000000000. Above it WAF blocks the address until its rate falls."
  type        = number
  nullable    = false

  validation {
    condition     = var.requests_per_5_minutes >= 10 && var.requests_per_5_minutes <= 2000000000
    error_message = "requests_per_5_minutes is ${var.requests_per_5_minutes}: give 10 to 2000000000."
  }
}
