locals {
  columns = 3
  width   = 24 / local.columns
  height  = 6

  # As CloudWatch writes them: namespace, metric, each dimension's name and value, options. A percentage is an expression over two metrics that the
  # chart does not draw. Each line is JSON, because values in a list of Terraform become of one kind.
  drawn = [for widget in var.widgets : flatten([for index, metric in widget.metrics : [for line in(
    metric.percent_of == null ? [
      { of = metric.name, options = jsonencode({ label = metric.label }) },
      ] : [
      { of = null, options = jsonencode({ expression = "100 * part${index} / whole${index}", label = metric.label }) },
      { of = metric.name, options = jsonencode({ id = "part${index}", visible = false }) },
      { of = metric.percent_of, options = jsonencode({ id = "whole${index}", visible = false }) },
    ]
    ) : format("[%s]", join(",", concat(
      [for part in line.of == null ? [] : concat([metric.namespace, line.of], flatten([for name, value in metric.dimensions : [name, value]])) : jsonencode(part)],
      [line.options],
    )))
  ]])]
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
        title   = widget.title
        view    = "timeSeries"
        region  = var.region
        period  = var.period_s
        stat    = widget.statistic
        metrics = [for line in local.drawn[index] : jsondecode(line)]
      }
    }]
  })
}
