bucket_name  = "s3-orders-dev-111122223333"
function_arn = "arn:aws:lambda:us-east-1:111122223333:function:orders-reader-dev"
suffixes     = [".csv", ".json"]
