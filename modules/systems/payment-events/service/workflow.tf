locals {
  # In order. `next` is the state that follows.
  steps = {
    event-validator = { function = module.event_validator.function, next = "anything-accepted" }
    event-processor = { function = module.event_processor.function, next = "event-enricher" }
    event-enricher  = { function = module.event_enricher.function, next = "processed" }
  }

  # AWS ends an Express execution after 300 s, and its notification is then only in the bus's archive. So the longest
  # duration of all three steps (each four attempts of 20 s, and 1 + 2 + 4 s between them) fits in, with time left for a dead letter.
  tasks = { for name, step in local.steps : name => {
    Type           = "Task"
    Resource       = "arn:aws:states:::lambda:invoke"
    TimeoutSeconds = 20
    # The function gets the execution's name with the state. Its log then leads to the workflow's log, which holds no data to search for.
    Arguments = { FunctionName = step.function.arn, Payload = "{% $merge([$states.input, { 'execution_arn': $states.context.Execution.Id }]) %}" }
    Output    = "{% $states.result.Payload %}"
    Next      = step.next

    Retry = [{
      ErrorEquals = [
        "Lambda.AWSLambdaException",
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.SdkClientException",
        "Lambda.ServiceException",
        "Lambda.TooManyRequestsException",
        "Sandbox.Timedout",
        "States.Timeout",
        "TransientError",
      ]
      BackoffRate     = 2
      IntervalSeconds = 1
      JitterStrategy  = "FULL"
      MaxAttempts     = 3
      MaxDelaySeconds = 10
    }]

    # The catcher writes the dead letter, because only here are the error and the step's input both available. The functions limit the cause
    # of an InvalidEvent. The cause of any other error is cut, so that the letter fits a state and a message
    # (functions/payment_events/logic/sizes.py).
    Catch = [{
      ErrorEquals = ["States.ALL"]
      Next        = "${name}-dead-letter"
      Output = join(" ", [
        "{% {",
        "'step': '${name}',",
        "'error': $states.errorOutput.Error,",
        "'cause': $states.errorOutput.Error = 'InvalidEvent' ? $states.errorOutput.Cause",
        ": $exists($states.errorOutput.Cause) ? $substring($states.errorOutput.Cause, 0, 4000) : '',",
        "'correlation_id': $states.input.correlation_id,",
        "'input': $states.input",
        "} %}",
      ])
    }]
  } }

  # SQS refuses a message with U+FFFE or U+FFFF (SendMessage, "MessageBody"), and a provider's text may hold them. They are escaped as JSON
  # allows. Only such a letter is turned into text here, because $string rounds numbers to 15 digits.
  message = join(" ", [
    "{% (",
    "$text := $string($states.input);",
    "$contains($text, '\\ufffe') or $contains($text, '\\uffff')",
    "? $replace($replace($text, '\\ufffe', '\\\\ufffe'), '\\uffff', '\\\\uffff')",
    ": $states.input",
    ") %}",
  ])

  dead_letters = { for name, step in local.steps : "${name}-dead-letter" => {
    Type           = "Task"
    Resource       = "arn:aws:states:::sqs:sendMessage"
    TimeoutSeconds = 5
    Arguments      = { QueueUrl = step.function.dead_letters.url, MessageBody = local.message }
    Output         = "{% $states.input %}"
    Next           = "failed"
    Retry = [{
      ErrorEquals     = ["States.ALL"]
      BackoffRate     = 2
      IntervalSeconds = 1
      JitterStrategy  = "FULL"
      MaxAttempts     = 2
    }]
  } }

  workflow = jsonencode({
    Comment        = "Validates, standardises and enriches a payment notification."
    QueryLanguage  = "JSONata"
    StartAt        = "event-validator"
    TimeoutSeconds = 300

    States = merge(local.tasks, local.dead_letters, {
      # A notification with duplicates only has no accepted event: nothing is left to do, and nothing has failed.
      anything-accepted = {
        Type    = "Choice"
        Choices = [{ Condition = "{% $count($states.input.events) > 0 %}", Next = "event-processor" }]
        Default = "nothing-to-process"
      }
      nothing-to-process = { Type = "Succeed" }
      processed          = { Type = "Succeed" }
      failed             = { Type = "Fail", Error = "{% $states.input.error %}", Cause = "{% $states.input.cause %}" }
    })
  })
}
