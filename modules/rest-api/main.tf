locals {
  document = yamldecode(var.document)
  methods  = ["delete", "get", "head", "options", "patch", "post", "put"]

  operations = merge([for path, item in local.document.paths : {
    for method, operation in item : operation.operationId => {
      method = upper(method)
      path   = path
      # The model of a JSON body; an operation without one has none.
      model = try(trimprefix(operation.requestBody.content["application/json"].schema["$ref"], "#/components/schemas/"), null)
      # Where API Gateway finds a parameter, and whether it is required.
      parameters = { for parameter in try(operation.parameters, []) :
        "method.request.${parameter.in == "query" ? "querystring" : parameter.in}.${parameter.name}" => try(parameter.required, false)
      }
    } if contains(local.methods, method)
  }]...)

  # A path below another needs a resource of that path, even where the document says nothing about it.
  top_paths    = toset([for path in keys(local.document.paths) : "/${split("/", path)[1]}"])
  nested_paths = toset([for path in keys(local.document.paths) : path if length(split("/", path)) == 3])
  resource_ids = merge(
    { for path, resource in aws_api_gateway_resource.this : path => resource.id },
    { for path, resource in aws_api_gateway_resource.nested : path => resource.id },
  )

  # The operations that the document asks an API key for: by a scheme of the header that API Gateway reads, for itself or for all.
  key_schemes = [for name, scheme in try(local.document.components.securitySchemes, {}) : name
  if scheme.type == "apiKey" && try(scheme.in, "") == "header" && lower(try(scheme.name, "")) == "x-api-key"]
  protected = sort(flatten([for path, item in local.document.paths : [for method, operation in item : operation.operationId
    if contains(local.methods, method) && anytrue(flatten([for requirement in try(operation.security, local.document.security, []) :
      [for name in keys(requirement) : contains(local.key_schemes, name)]
    ]))
  ]]))

  # Bodies of these types reach the function as the bytes that were sent, in base64. API Gateway would replace what is not UTF-8 in any other.
  binary_media_types = sort(distinct(flatten([for path, item in local.document.paths : [for method, operation in item :
    [for type in keys(try(operation.requestBody.content, {})) : type if type != "application/json"] if contains(local.methods, method)
  ]])))

  # API Gateway checks only the parts of a schema whose faults it can explain: that the body is an object and has the required fields. Its
  # validator says what is wrong with a value, but not in which field, so the functions check the values.
  models = { for name in toset([for operation in local.operations : operation.model if operation.model != null]) : name => jsonencode({
    for keyword, value in {
      "$schema" = "http://json-schema.org/draft-04/schema#"
      type      = local.document.components.schemas[name].type
      required  = try(local.document.components.schemas[name].required, [])
    } : keyword => value if keyword != "required" || length(value) > 0 # draft 4 refuses an empty list
  }) }

  # What API Gateway returns by itself has the form of the functions' own errors: {"error": "..."}. It says what the sender can fix, and
  # nothing about what is behind the API. A type without a status keeps its default.
  refusals = merge({
    BAD_REQUEST_BODY             = { status = "400", error = "$context.error.message: $context.error.validationErrorString" }
    BAD_REQUEST_PARAMETERS       = { status = "400", error = "$context.error.message" }
    DEFAULT_4XX                  = { status = null, error = "Request refused" }
    MISSING_AUTHENTICATION_TOKEN = { status = "403", error = "No such path or method" } # API Gateway does not tell the two apart
    REQUEST_TOO_LARGE            = { status = "413", error = var.too_large }
    WAF_FILTERED                 = { status = "403", error = "Forbidden" }
    }, { for type, refusal in {
      INVALID_API_KEY = { status = "403", error = "API key missing, unknown or disabled: send yours in the header x-api-key" }
  } : type => refusal if var.usage_plan != null })

  # Temporary errors: the same request may succeed in a moment, so the response says when to send it again. By default a function without a
  # free instance (Lambda refuses the invocation with 429) gives a 500 and one that fails a 502, both without Retry-After. AWS does not
  # document the type of a refused invocation (the execution log calls it a configuration error), so all possible types have one response.
  deferrals = {
    API_CONFIGURATION_ERROR = { status = "503", error = "Service unavailable" }
    DEFAULT_5XX             = { status = "503", error = "Service unavailable" }
    INTEGRATION_FAILURE     = { status = "503", error = "Service unavailable" }
    INTEGRATION_TIMEOUT     = { status = "504", error = "Service unavailable" }
    THROTTLED               = { status = "429", error = "Too many requests" }
  }
  # A day's quota begins again at midnight UTC.
  quota_exceeded = { for type, deferral in {
    QUOTA_EXCEEDED = { status = "429", error = "The API key has no requests left today", headers = { "gatewayresponse.header.Retry-After" = "'3600'" } }
  } : type => deferral if var.usage_plan != null }
  gateway_responses = merge(
    { for type, refusal in local.refusals : type => merge(refusal, { headers = null }) },
    { for type, deferral in local.deferrals : type => merge(deferral, { headers = { "gatewayresponse.header.Retry-After" = "'${local.retry_after_s}'" } }) },
    local.quota_exceeded,
  )
  retry_after_s = 5
}

resource "aws_api_gateway_rest_api" "this" {
  name               = var.name
  binary_media_types = length(local.binary_media_types) > 0 ? local.binary_media_types : null
  description        = var.description

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = toset(keys(var.functions)) == toset(keys(local.operations))
      error_message = "functions is for ${join(", ", keys(var.functions))}, the document's operations are ${join(", ", keys(local.operations))}: give one function for each operationId."
    }

    # A key opens what a usage plan names, so without one every request would be refused.
    precondition {
      condition     = (var.usage_plan == null) == (length(local.protected) == 0)
      error_message = "usage_plan is ${var.usage_plan == null ? "null" : "given"}, and the document asks ${length(local.protected)} operations for an API key in the header x-api-key: give a usage plan where an operation asks for a key, and only there."
    }
  }
}

resource "aws_api_gateway_resource" "this" {
  for_each = local.top_paths

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = trimprefix(each.key, "/")
}

resource "aws_api_gateway_resource" "nested" {
  for_each = local.nested_paths

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.this["/${split("/", each.key)[1]}"].id
  path_part   = split("/", each.key)[2]
}

resource "aws_api_gateway_model" "this" {
  for_each = local.models

  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = each.key
  content_type = "application/json"
  schema       = each.value
}

resource "aws_api_gateway_request_validator" "this" {
  name                        = "body-and-parameters"
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  validate_request_body       = true
  validate_request_parameters = true
}

resource "aws_api_gateway_method" "this" {
  for_each = local.operations

  #checkov:skip=CKV_AWS_59:The `document` says who is let in. Without an API key a function authenticates the sender: a signature covers the body, and API Gateway does not pass the body to an authorizer
  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = local.resource_ids[each.value.path]
  api_key_required     = contains(local.protected, each.key)
  authorization        = "NONE"
  http_method          = each.value.method
  operation_name       = each.key
  request_models       = each.value.model == null ? {} : { "application/json" = aws_api_gateway_model.this[each.value.model].name }
  request_parameters   = each.value.parameters
  request_validator_id = aws_api_gateway_request_validator.this.id
}

resource "aws_api_gateway_integration" "this" {
  for_each = local.operations

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = local.resource_ids[each.value.path]
  http_method             = aws_api_gateway_method.this[each.key].http_method
  integration_http_method = "POST" # Lambda is called with POST, whatever the method of the request
  type                    = "AWS_PROXY"
  uri                     = "arn:aws:apigateway:${var.location.region}:lambda:path/2015-03-31/functions/${var.functions[each.key].arn}/invocations"
}

resource "aws_lambda_permission" "this" {
  for_each = local.operations

  statement_id  = "${var.name}-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = var.functions[each.key].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${var.stage_name}/${each.value.method}${replace(each.value.path, "/{[^}]+}/", "*")}" # whatever a parameter is
}

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.gateway_responses

  rest_api_id         = aws_api_gateway_rest_api.this.id
  response_parameters = each.value.headers
  response_type       = each.key
  response_templates  = { "application/json" = jsonencode({ error = each.value.error }) }
  status_code         = each.value.status
}

# A deployment is a copy of all the above. A change to any of it makes a new deployment.
resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  triggers = {
    content = sha256(jsonencode(concat(
      [local.operations, local.models, local.gateway_responses, var.functions],
      [for addition in [local.protected, local.binary_media_types] : addition if length(addition) > 0],
    )))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [
    aws_api_gateway_gateway_response.this,
    aws_api_gateway_integration.this,
    aws_api_gateway_method.this,
  ]
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV_AWS_120:Each operation of `document` changes something or asks for what changes, so a response from a cache would be wrong
  #checkov:skip=CKV2_AWS_77:The module `modules/web-acl` has both rule groups; checkov does not follow the ACL's ARN from one module into another
  #checkov:skip=CKV2_AWS_51:API Gateway shows its client certificate to HTTP backends; `aws_api_gateway_integration.this` invokes a function through Lambda's own API
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = var.stage_name
  xray_tracing_enabled = true

  access_log_settings {
    destination_arn = module.access_log.log_group.arn

    # No address, no user agent, no query string: nothing personal.
    format = jsonencode({
      error_type          = "$context.error.responseType"
      integration_latency = "$context.integration.latency"
      integration_status  = "$context.integration.status"
      method              = "$context.httpMethod"
      path                = "$context.resourcePath"
      request_id          = "$context.requestId"
      response_bytes      = "$context.responseLength"
      response_latency    = "$context.responseLatency"
      status              = "$context.status"
      time                = "$context.requestTimeEpoch"
      trace_id            = "$context.xrayTraceId"
      waf_status          = "$context.waf.status"
    })
  }

  # API Gateway would create the group at the first error, without key and retention.
  depends_on = [module.execution_log]
}

resource "aws_api_gateway_method_settings" "this" {
  #checkov:skip=CKV_AWS_225:Each operation of `document` changes something or asks for what changes, so a response from a cache would be wrong
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    data_trace_enabled     = false # it writes bodies to the log
    logging_level          = "ERROR"
    metrics_enabled        = true
    throttling_burst_limit = var.throttling.burst
    throttling_rate_limit  = var.throttling.requests_per_second
  }
}

# What one API key may send. Keys are not made here: the provider reads their values into the state.
resource "aws_api_gateway_usage_plan" "this" {
  count = var.usage_plan == null ? 0 : 1

  name        = var.name
  description = "What one API key may send to ${var.name}."

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }

  quota_settings {
    limit  = var.usage_plan.requests_per_day
    period = "DAY"
  }

  throttle_settings {
    burst_limit = var.usage_plan.burst
    rate_limit  = var.usage_plan.requests_per_second
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = aws_api_gateway_stage.this.arn
  web_acl_arn  = var.web_acl_arn
}

module "access_log" {
  source = "../log-group"

  name           = "/aws/apigateway/${var.name}"
  kms_key_arn    = var.kms_key_arn
  retention_days = var.log_retention_days
}

module "execution_log" {
  source = "../log-group"

  name           = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${var.stage_name}"
  kms_key_arn    = var.kms_key_arn
  retention_days = var.log_retention_days
}
