resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:Both sides must get a new value at the same time, so a person starts the rotation (`docs/runbooks/webhooks.md`); a schedule would lock the other side out
  name                    = var.name
  description             = var.description
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.destroyable ? 0 : 30
}
