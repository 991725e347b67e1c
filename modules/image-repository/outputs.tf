output "repository" {
  description = "The repository, once its policies are in place."
  value = {
    arn  = aws_ecr_repository.this.arn
    name = aws_ecr_repository.this.name
    url  = aws_ecr_repository.this.repository_url
  }
  depends_on = [aws_ecr_lifecycle_policy.this, aws_ecr_repository_policy.this]
}
