# A bucket has one configuration for all its notifications: applying this replaces any other. S3 tests each target on the way, so the
# function must admit S3 before.
resource "aws_s3_bucket_notification" "this" {
  bucket = var.bucket_name

  dynamic "lambda_function" {
    for_each = var.suffixes

    content {
      id                  = replace(lambda_function.value, ".", "")
      events              = ["s3:ObjectCreated:*"]
      filter_suffix       = lambda_function.value
      lambda_function_arn = var.function_arn
    }
  }
}
