output "key" {
  description = "The key, once its alias is in place."
  value = {
    alias = aws_kms_alias.this.name
    arn   = aws_kms_key.this.arn
    id    = aws_kms_key.this.key_id
  }
}
