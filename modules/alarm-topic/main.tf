module "topic" {
  source = "../topic"

  name       = var.name
  kms_key_id = var.kms_key_arn
  location   = var.location

  publishers = {
    alarms = {
      service    = "cloudwatch.amazonaws.com"
      source_arn = "arn:aws:cloudwatch:${var.location.region}:${var.location.account_id}:alarm:*"
    }
  }
}

resource "aws_sns_topic_subscription" "email" {
  topic_arn = module.topic.topic.arn
  protocol  = "email"
  endpoint  = var.email
}
