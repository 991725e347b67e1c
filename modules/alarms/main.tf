resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarms

  alarm_name          = each.key
  alarm_description   = each.value.description
  alarm_actions       = [var.topic_arn]
  comparison_operator = "GreaterThanThreshold"
  dimensions          = each.value.dimensions
  evaluation_periods  = each.value.periods
  metric_name         = each.value.metric_name
  namespace           = each.value.namespace
  ok_actions          = [var.topic_arn]
  period              = each.value.period_s
  statistic           = each.value.statistic
  threshold           = each.value.above
  treat_missing_data  = "notBreaching" # these metrics count faults: most are silent as long as there is none
}
