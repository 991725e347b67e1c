variable "kms_key_id" {
  description = "Key that encrypts the messages: an ARN, or `alias/aws/sns` for the one that AWS manages, which no AWS service can publish with."
  type        = string
  nullable    = false
}

variable "location" {
  description = "Account and region that the topic stands in: its ARN is put together from them."
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

variable "name" {
  description = "Name of the topic."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,256}$", var.name))
    error_message = "name is \"${var.name}\": give at most 256 letters, digits, hyphens and underscores."
  }
}

variable "publishers" {
  description = "AWS services that publish with their own principal, by name, each for sources like one ARN."
  type = map(object({
    service    = string
    source_arn = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.publishers) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "publishers has the names ${join(", ", keys(var.publishers))}: give lower-case letters, digits and underscores, a letter first, as statements of a policy are named after them."
  }
}
