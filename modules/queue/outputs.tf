output "dead_letters" {
  description = "The queue of dead letters. Null where there is none."
  value = var.dead_letters == null ? null : {
    arn  = aws_sqs_queue.dead_letters[0].arn
    name = aws_sqs_queue.dead_letters[0].name
    url  = aws_sqs_queue.dead_letters[0].url
  }
}

output "queue" {
  description = "The queue."
  value = {
    arn  = aws_sqs_queue.this.arn
    name = aws_sqs_queue.this.name
    url  = aws_sqs_queue.this.url
  }
}
