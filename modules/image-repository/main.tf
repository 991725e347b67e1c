resource "aws_ecr_repository" "this" {
  name                 = var.name
  force_delete         = var.destroyable
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.kms_key_arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    rules = concat(
      [{
        rulePriority = 1
        description  = "Untagged images go after a day"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 1 }
        action       = { type = "expire" }
      }],
      [for index, function in sort(var.functions) : {
        rulePriority = index + 2
        description  = "The last ten images of ${function} stay"
        selection    = { tagStatus = "tagged", tagPrefixList = ["${function}-"], countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      }],
    )
  })
}
