locals {
  # In order. AWS ends an Express execution after 300 s without another word. So each step may take twice its time, once more after an error that
  # passes, with time left for what is done when it fails for good. A function that is called too often is tried again for 15 s more.
  timeouts_s = { csv-validator = 20, data-transformer = 80, notification-sender = 10 }
  steps = {
    csv-validator       = { function = module.csv_validator.function, next = "validated" }
    data-transformer    = { function = module.data_transformer.function, next = "transformed" }
    notification-sender = { function = module.notification_sender.function, next = "done" }
  }

  # What the rule gives to the workflow, and the attempt: a redrive counts it up.
  upload = "$merge([{ 'attempt': 1 }, $states.context.Execution.Input])"
  # The file's name is the upload's id: incoming/<id>.csv, validated/<day>/<id>.csv.
  upload_id = "$substringBefore($split($states.context.Execution.Input.key, '/')[-1], '.')"

  tasks = { for name, step in local.steps : name => {
    Type           = "Task"
    Resource       = "arn:aws:states:::lambda:invoke"
    TimeoutSeconds = local.timeouts_s[name]
    # The function gets the execution's name with the state. Its log then leads to the workflow's log, which holds no data to search for.
    Arguments = {
      FunctionName = step.function.arn
      Payload = join("", [
        "{% $merge([${local.upload}, { 'execution_arn': $states.context.Execution.Id",
        name == "notification-sender" ? ", 'outcome': $states.input.outcome" : "",
        " }]) %}",
      ])
    }
    Output = "{% $states.result.Payload %}"
    Next   = step.next

    Retry = [
      {
        ErrorEquals     = ["Lambda.TooManyRequestsException"]
        BackoffRate     = 2
        IntervalSeconds = 1
        JitterStrategy  = "FULL"
        MaxAttempts     = 4
        MaxDelaySeconds = 8
      },
      {
        ErrorEquals = [
          "Lambda.AWSLambdaException",
          "Lambda.ClientExecutionTimeoutException",
          "Lambda.SdkClientException",
          "Lambda.ServiceException",
          "Sandbox.Timedout",
          "States.Timeout",
          "TransientError",
        ]
        BackoffRate     = 2
        IntervalSeconds = 1
        JitterStrategy  = "FULL"
        MaxAttempts     = 1
      },
    ]

    # The catcher writes the dead letter, because only here is the error available. The cause is cut, so that the letter fits a message.
    Catch = [{
      ErrorEquals = ["States.ALL"]
      Next        = "dead-letter"
      Output = join(" ", [
        "{% {",
        "'step': '${name}',",
        "'error': $states.errorOutput.Error,",
        "'cause': $exists($states.errorOutput.Cause) ? $substring($states.errorOutput.Cause, 0, 4000) : '',",
        "'input': ${local.upload}",
        "} %}",
      ])
    }]
  } }

  # Short calls of services, which are made once more.
  once_more = {
    ErrorEquals     = ["States.ALL"]
    BackoffRate     = 2
    IntervalSeconds = 1
    JitterStrategy  = "FULL"
    MaxAttempts     = 1
  }

  # SQS refuses a message with U+FFFE or U+FFFF (SendMessage, "MessageBody"), and a key may hold them. They are escaped as JSON allows.
  message = "{% $replace($replace($string($states.input), '\\ufffe', '\\\\ufffe'), '\\uffff', '\\\\uffff') %}"

  # What is done when a step fails for good. The letter comes first: with it the upload can be redriven, whatever fails after it.
  failure = {
    dead-letter = {
      Type           = "Task"
      Resource       = "arn:aws:states:::sqs:sendMessage"
      TimeoutSeconds = 5
      Arguments      = { QueueUrl = module.dead_letters.queue.url, MessageBody = local.message }
      Output         = "{% $states.input %}"
      Next           = "status-failed"
      Retry          = [local.once_more]
      Catch          = [{ ErrorEquals = ["States.ALL"], Next = "status-failed", Output = "{% $states.input %}" }]
    }

    # The order of steps, and when one may be written, is that of functions/csv_upload/logic/status.py.
    status-failed = {
      Type           = "Task"
      Resource       = "arn:aws:states:::dynamodb:updateItem"
      TimeoutSeconds = 5
      Arguments = {
        TableName = var.data.tables.status.name
        Key       = { upload_id = { S = "{% ${local.upload_id} %}" } }
        UpdateExpression = join(", ", [
          "SET #state = :failed",
          "progress = :progress",
          "attempt = :attempt",
          "reason = :reason",
          "updated_at = :now",
          "received_at = if_not_exists(received_at, :now)",
          "day_shard = if_not_exists(day_shard, :day_shard)",
          "#timestamp = if_not_exists(#timestamp, :timestamp)",
        ])
        # An execution that is about to tell success claims that. Another one of the same attempt must not write FAILED then.
        ConditionExpression = join(" ", [
          "attribute_not_exists(upload_id) OR (progress < :progress AND #state <> :completed",
          "AND (attribute_not_exists(telling) OR telling <> :attempt OR teller = :execution))",
        ])
        ExpressionAttributeNames = { "#state" = "state", "#timestamp" = "timestamp" }
        ExpressionAttributeValues = {
          ":attempt"   = { N = "{% $string(${local.upload}.attempt) %}" }
          ":completed" = { S = "COMPLETED" }
          ":day_shard" = { S = "{% $substring($now(), 0, 10) & '#' & $substring(${local.upload_id}, -1) %}" }
          ":execution" = { S = "{% $states.context.Execution.Id %}" }
          ":failed"    = { S = "FAILED" }
          ":now"       = { S = "{% $now() %}" }
          ":progress"  = { N = "{% $string(${local.upload}.attempt * 4 + 3) %}" }
          ":reason"    = { S = "the file could not be processed because of an error on our side: it is kept, and need not be sent again" }
          ":timestamp" = { N = "{% $string($millis()) %}" }
        }
      }
      Output = "{% $states.input %}"
      Next   = "failure-notification"
      Retry = [
        # A refused condition: a later attempt is at work, another execution tells success, or the upload is finished.
        { ErrorEquals = ["DynamoDB.ConditionalCheckFailedException"], MaxAttempts = 0 },
        local.once_more,
      ]
      Catch = [{ ErrorEquals = ["States.ALL"], Next = "failure-notification", Output = "{% $states.input %}" }]
    }

    failure-notification = {
      Type           = "Task"
      Resource       = "arn:aws:states:::lambda:invoke"
      TimeoutSeconds = local.timeouts_s["notification-sender"]
      Arguments = {
        FunctionName = local.steps["notification-sender"].function.arn
        Payload      = "{% $merge([${local.upload}, { 'execution_arn': $states.context.Execution.Id, 'outcome': 'INVALID' }]) %}"
      }
      Output = "{% $states.input %}"
      Next   = "failed"
      Catch  = [{ ErrorEquals = ["States.ALL"], Next = "failed", Output = "{% $states.input %}" }]
    }

    failed = { Type = "Fail", Error = "{% $states.input.error %}", Cause = "{% $states.input.cause %}" }
  }

  workflow = jsonencode({
    Comment        = "Validates, stores and announces an uploaded CSV file."
    QueryLanguage  = "JSONata"
    StartAt        = "csv-validator"
    TimeoutSeconds = 300

    States = merge(local.tasks, local.failure, {
      validated = {
        Type = "Choice"
        Choices = [
          { Condition = "{% $states.input.outcome = 'VALID' %}", Next = "data-transformer" },
          { Condition = "{% $states.input.outcome = 'INVALID' %}", Next = "notification-sender" },
        ]
        Default = "overtaken"
      }
      transformed = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $states.input.outcome = 'STORED' %}", Next = "notification-sender" }]
        Default = "overtaken"
      }
      # A later attempt is at work, or the upload is finished: nothing is left to do, and nothing has failed.
      overtaken = { Type = "Succeed" }
      done      = { Type = "Succeed" }
    })
  })
}
