output "bucket" {
  description = "The bucket, once its encryption, its policy and its public access block are in place."
  value = {
    arn  = aws_s3_bucket.this.arn
    name = aws_s3_bucket.this.bucket
  }
  depends_on = [
    aws_s3_bucket_notification.this,
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}
