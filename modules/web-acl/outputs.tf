output "web_acl" {
  description = "The web ACL, once it writes its log."
  value = {
    arn       = aws_wafv2_web_acl.this.arn
    log_group = module.log_group.log_group
    name      = aws_wafv2_web_acl.this.name
  }
  depends_on = [aws_wafv2_web_acl_logging_configuration.this]
}
