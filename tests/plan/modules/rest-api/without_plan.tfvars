description = "Takes files."
document    = <<-EOT
  openapi: 3.0.3
  info: {title: Files, version: "1"}
  security: [{key: []}]
  paths:
    /files:
      post:
        operationId: takeFile
        requestBody:
          content: {text/csv: {schema: {type: string}}, application/gzip: {schema: {type: string}}}
        responses: {"200": {description: Taken}}
    /files/{id}:
      get:
        operationId: getFile
        security: []
        parameters:
          - {name: id, in: path, required: true, schema: {type: string}}
        responses: {"200": {description: File}}
  components:
    securitySchemes:
      key: {type: apiKey, in: header, name: x-api-key}
EOT
functions = {
  getFile  = { arn = "arn:aws:lambda:us-east-1:111122223333:function:files-get-dev", name = "files-get-dev" }
  takeFile = { arn = "arn:aws:lambda:us-east-1:111122223333:function:files-take-dev", name = "files-take-dev" }
}
kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
location    = { account_id = "111122223333", region = "us-east-1" }
name        = "files-dev"
stage_name  = "dev"
throttling  = { burst = 100, requests_per_second = 50 }
too_large   = "The file is too large: send it in parts"
web_acl_arn = "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/files-dev/1234abcd-12ab-34cd-56ef-1234567890ab"
