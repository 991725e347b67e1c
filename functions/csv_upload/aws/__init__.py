"""The AWS side of CSV uploads: the bucket, the tables and the topic."""
