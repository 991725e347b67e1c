locals {
  columns = 3
  width   = 24 / local.columns
  height  = 6
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [for index, widget in var.widgets : {
      type   = "metric"
      x      = index % local.columns * local.width
      y      = floor(index / local.columns) * local.height
      width  = local.width
      height = local.height
      properties = {
        title  = widget.title
        view   = "timeSeries"
        region = var.region
        period = 60
        stat   = widget.statistic
        # A list of namespace, metric, then each dimension's name and value, then what to call it.
        metrics = [for metric in widget.metrics : concat(
          [metric.namespace, metric.name],
          flatten([for name, value in metric.dimensions : [name, value]]),
          [{ label = metric.label }],
        )]
      }
    }]
  })
}
