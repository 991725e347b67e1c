description = "Takes orders."
document    = <<-EOT
  openapi: 3.0.3
  info: {title: Orders, version: "1"}
  paths:
    /orders:
      post:
        operationId: takeOrder
        parameters:
          - {name: X-Shop, in: header, required: true, schema: {type: string}}
          - {name: dry_run, in: query, schema: {type: boolean}}
        requestBody:
          content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}
        responses: {"200": {description: Taken}}
      get:
        operationId: listOrders
        responses: {"200": {description: Orders}}
  components:
    schemas:
      Order: {type: object, properties: {order_id: {type: string, maxLength: 64}}}
EOT
functions = {
  listOrders = { arn = "arn:aws:lambda:us-east-1:111122223333:function:orders-list-dev", name = "orders-list-dev" }
  takeOrder  = { arn = "arn:aws:lambda:us-east-1:111122223333:function:orders-take-dev", name = "orders-take-dev" }
}
kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
location    = { account_id = "111122223333", region = "us-east-1" }
name        = "orders-dev"
stage_name  = "dev"
throttling  = { burst = 100, requests_per_second = 50 }
web_acl_arn = "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/orders-dev/1234abcd-12ab-34cd-56ef-1234567890ab"
