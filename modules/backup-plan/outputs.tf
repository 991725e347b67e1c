output "backups" {
  description = "Plan, vault and role of the backups, once the tables are selected."
  value = {
    plan_id  = aws_backup_plan.this.id
    role_arn = aws_iam_role.this.arn
    vault    = { arn = aws_backup_vault.this.arn, name = aws_backup_vault.this.name }
  }
  depends_on = [aws_backup_selection.this]
}
