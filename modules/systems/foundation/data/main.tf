module "key" {
  source = "../../../kms-key"

  name        = "artifacts-${var.context.suffix}"
  description = "Artefacts from which the functions of this account and region are deployed."
  destroyable = var.context.destroyable
  location    = { account_id = var.context.account_id, region = var.context.region }
}

module "artifacts" {
  #checkov:skip=CKV_AWS_144:Each region has its own artefacts, and an apply builds missing ones again from the sources in `functions`
  #checkov:skip=CKV2_AWS_62:An apply takes artefacts by their names (`docs/delivery.md`), and no system reacts to new ones
  source = "../../../bucket"

  name        = var.context.artifact_bucket
  account_id  = var.context.account_id
  destroyable = var.context.destroyable
  kms_key_arn = module.key.key.arn
}
