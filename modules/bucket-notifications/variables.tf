variable "bucket_name" {
  description = "Name of the bucket."
  type        = string
  nullable    = false
}

variable "function_arn" {
  description = "ARN of the function that S3 invokes for each object. It must admit S3 (`invokers` of lambda-function) before the notifications are set."
  type        = string
  nullable    = false
}

variable "suffixes" {
  description = "Ends of the keys that are notified, such as `.csv`. S3 tells capital letters from small ones."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.suffixes) > 0 && alltrue([for suffix in var.suffixes : can(regex("^\\.[a-zA-Z0-9]+$", suffix))])
    error_message = "suffixes is ${join(", ", var.suffixes)}: give at least one, each a dot with letters and digits behind it."
  }
}
