output "suffixes" {
  description = "Ends of the keys that are notified, once the notifications are set."
  value       = var.suffixes
  depends_on  = [aws_s3_bucket_notification.this]
}
