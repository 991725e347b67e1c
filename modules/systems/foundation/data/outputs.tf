output "artifacts" {
  description = "Bucket that releases are published to and functions are deployed from, with its key."
  value = {
    bucket     = module.artifacts.bucket.name
    bucket_arn = module.artifacts.bucket.arn
    key_arn    = module.key.key.arn
  }
}
