variable "counted_rules" {
  description = "Rules that only count what they match and block nothing, by the name of AWS's rule group that they are in."
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
  description = "What the web ACL protects."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[\\w+=:#@/,.-][\\w+=:#@/,. -]{0,254}[\\w+=:#@/,.-]$", var.description))
    error_message = "description is \"${var.description}\": give at most 256 letters, digits, spaces and any of _ + = : # @ / - , . (no other sign is taken by WAF)."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the log; its policy admits CloudWatch Logs for `aws-waf-logs-<name>`."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that a log entry is kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "name" {
  description = "Name of the web ACL; its log group is `aws-waf-logs-<name>`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,128}$", var.name))
    error_message = "name is \"${var.name}\": give at most 128 letters, digits, hyphens and underscores."
  }
}

variable "redacted_headers" {
  description = "Headers, in lower case, whose values stay out of the log."
  type        = list(string)
  default     = ["authorization", "cookie"]
  nullable    = false
}

variable "requests_per_5_minutes" {
  description = "Requests of one address in five minutes above which it is blocked."
  type        = number
  nullable    = false

  validation {
    condition     = var.requests_per_5_minutes >= 10 && var.requests_per_5_minutes <= 2000000000
    error_message = "requests_per_5_minutes is ${var.requests_per_5_minutes}: give 10 to 2000000000."
  }
}
