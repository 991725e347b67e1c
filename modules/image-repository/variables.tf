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

variable "name" {
  description = "Name of the repository, with its suffix: 2 to 256 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]+(?:[._/-][a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 256
    error_message = "name is \"${var.name}\": give 2 to 256 lower-case letters and digits, with single . _ / or - between them."
  }
}
