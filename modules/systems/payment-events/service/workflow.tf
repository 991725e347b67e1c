locals {
  # In order; each goes on to the next state.
  steps = {
    event-validator = { function = module.event_validator.function, next = "anything-accepted" }
    event-processor = { function = module.event_processor.function, next = "event-enricher" }
    event-enricher  = { function = module.event_enricher.function, next = "processed" }
  }

  # An Express execution ends after 300 s whatever it does, and what it then held is in the bus's archive only. So all that a step may take (four
  # attempts of 20 s, and 1 + 2 + 4 s between them) fits in three times, with time left for a dead letter.
  tasks = { for name, step in local.steps : name => {
    Type           = "Task"
    Resource       = "arn:aws:states:::lambda:invoke"
    TimeoutSeconds = 20
    # The execution's name beside the state: a function's log then leads to the workflow's, which holds no data to find it by.
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

    # The catcher writes the letter: here alone are the error and the step's input both at hand. The functions bound the cause of an
    # InvalidEvent; what else an error says is cut, so that the letter fits a state and a message
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

  # SQS refuses a message with U+FFFE or U+FFFF (SendMessage, "MessageBody"), which a text of the provider may hold: they are escaped as JSON
  # allows. Only then is the letter made a text here, as $string rounds numbers to 15 digits.
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
      # Duplicates are accepted by nobody: there is nothing left to do, and nothing has failed.
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
