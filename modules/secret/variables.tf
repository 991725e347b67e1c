variable "description" {
  description = "What the secret is for, for people who see it in the console: at most 2048 characters."
  type        = string
  nullable    = false
}

variable "destroyable" {
  description = "Whether AWS deletes the secret at once on its removal. If not, it can be restored for 30 days."
  type        = bool
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the values."
  type        = string
  nullable    = false
}

variable "name" {
  description = "Name of the secret, with its suffix: at most 512 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9/_+=.@-]{1,512}$", var.name))
    error_message = "name is \"${var.name}\": give at most 512 letters, digits and any of / _ + = . @ -"
  }
}
