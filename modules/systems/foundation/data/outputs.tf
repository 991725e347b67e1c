output "artifacts" {
  description = "Where artefacts are published, and functions are deployed from."
  value = {
    bucket     = module.artifacts.bucket.name
    bucket_arn = module.artifacts.bucket.arn
    key_arn    = module.key.key.arn
  }
}
