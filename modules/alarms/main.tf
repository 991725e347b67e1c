resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarms

  alarm_name          = each.key
  alarm_description   = "${each.value.description} Runbook: ${var.runbook}, \"${each.value.section}\"."
  alarm_actions       = [var.topic_arn]
  comparison_operator = "GreaterThanThreshold"
  dimensions          = each.value.percent_of == null ? each.value.dimensions : null
  evaluation_periods  = each.value.periods
  metric_name         = each.value.percent_of == null ? each.value.metric_name : null
  namespace           = each.value.percent_of == null ? each.value.namespace : null
  ok_actions          = [var.topic_arn]
  period              = each.value.percent_of == null ? each.value.period_s : null
  statistic           = each.value.percent_of == null ? each.value.statistic : null
  threshold           = each.value.above
  treat_missing_data  = "notBreaching" # these metrics count faults: AWS sends most of them only when there is one

  # Where the whole is 0, the division has no result. CloudWatch treats that as missing data, which is not breaching.
  dynamic "metric_query" {
    for_each = each.value.percent_of == null ? [] : ["100 * part / whole"]

    content {
      id          = "percentage"
      expression  = metric_query.value
      label       = "${each.value.metric_name} in % of ${each.value.percent_of}"
      return_data = true
    }
  }

  dynamic "metric_query" {
    for_each = each.value.percent_of == null ? {} : { part = each.value.metric_name, whole = each.value.percent_of }

    content {
      id          = metric_query.key
      return_data = false

      metric {
        dimensions  = each.value.dimensions
        metric_name = metric_query.value
        namespace   = each.value.namespace
        period      = each.value.period_s
        stat        = each.value.statistic
      }
    }
  }
}
