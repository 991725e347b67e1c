variable "description" {
  description = "What the secret is for."
  type        = string
  nullable    = false
}

variable "destroyable" {
  description = "Whether the secret goes at once when it is deleted; otherwise it can be recovered for 30 days."
  type        = bool
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the values."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the secret."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9/_+=.@-]{1,512}$", var.name))
    error_message = "name is \"${var.name}\": give at most 512 letters, digits and any of / _ + = . @ -"
  }
}
