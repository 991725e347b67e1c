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

# Without it Lambda would write such a statement itself, by the permissions of whoever deploys a function.
resource "aws_ecr_repository_policy" "this" {
  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LambdaPullsImages"
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Condition = {
        ArnLike = { "aws:SourceArn" = "arn:aws:lambda:${var.location.region}:${var.location.account_id}:function:*" }
      }
    }]
  })
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
