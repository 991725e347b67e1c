"""The AWS side of transaction files: what is read from S3, stored in DynamoDB and sent to SQS."""
