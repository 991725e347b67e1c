module "key" {
  source = "../../../kms-key"

  name        = "artifacts-${var.context.suffix}"
  description = "Artefacts that the functions of this account and region are deployed from."
  destroyable = var.context.destroyable
  location    = { account_id = var.context.account_id, region = var.context.region }
}

module "artifacts" {
  #checkov:skip=CKV_AWS_144:Each region has its own artefacts: an apply publishes what is missing again from the sources
  #checkov:skip=CKV2_AWS_62:Nothing reacts to artefacts as they arrive
  source = "../../../bucket"

  name        = var.context.artifact_bucket
  destroyable = var.context.destroyable
  kms_key_arn = module.key.key.arn
}
