variable "destroyable" {
  description = "Whether the repository may be deleted together with the images in it."
  type        = bool
  nullable    = false
}

variable "functions" {
  description = "Functions whose images are in the repository, with tags `<function>-<version>`. No name may begin with another and a hyphen."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.functions) >= 1
    error_message = "functions is empty: name the functions whose images the repository holds."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the images."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Account and region of the repository, whose functions pull images from it."
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
  description = "Name of the repository, with its suffix: 2 to 256 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(?:[._/-][a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 256
    error_message = "name is \"${var.name}\": give 2 to 256 lower-case letters and digits, with single . _ / or - between them."
  }
}
