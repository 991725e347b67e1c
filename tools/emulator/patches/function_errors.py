"""A function that raises returns the class of its exception, and its execution environment keeps running.

https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html (the fields of an error)
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (a crash or a time-out ends an environment)

ministack calls every error `Runtime.HandlerError`, so `Retry` and `Catch` of a workflow never match by name, and
starts a new worker after each. Errors at import are named as Lambda names them: `Runtime.ImportModuleError` for an
import that fails, else the class of the exception; a worker that stopped without a response is `Runtime.ExitError`.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from tools.emulator import places

RESTORES: Final = "Lambda: `errorType` is the class of the exception, with stack trace; the worker keeps running"

_RAISED: Final = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
_RAISED_WITH_TYPE: Final = """{"status": "ok", "raised": True, "result": {
                "errorMessage": str(e),
                "errorType": type(e).__name__,
                "requestId": _ms_ctx.get("request_id", ""),
                "stackTrace": traceback.format_list(traceback.extract_tb(e.__traceback__)[1:]),
            }}"""
_NOT_IMPORTED: Final = '{"status": "error", "error": str(e)}'
_NOT_IMPORTED_WITH_TYPE: Final = """{"status": "error", "error": json.dumps(
            ["Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, e)]
            if isinstance(e, ImportError) else [type(e).__name__, str(e)]
        )}"""
_INIT_FAILED: Final = "Worker init failed: "


class _Raised(dict[str, Any]):
    """The body of an answer that reports an exception; an ordinary answer may look the same and is none."""


def apply() -> None:
    invoke = places.take(lambda_runtime.Worker, "invoke", "96751a754710")
    spawn = places.take(lambda_runtime.Worker, "_spawn", "c55febf95656")
    execute = places.take(lambda_svc, "_execute_function_warm", "62b9218bef5b")
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    for before, after in ((_RAISED, _RAISED_WITH_TYPE), (_NOT_IMPORTED, _NOT_IMPORTED_WITH_TYPE)):
        places.require_text("ministack.core.lambda_runtime._PYTHON_WORKER_SCRIPT", script, before)
        script = script.replace(before, after)
    lambda_runtime._PYTHON_WORKER_SCRIPT = script

    def invoke_telling_errors(worker: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
        answer: dict[str, Any] = invoke(worker, *arguments, **options)
        if answer.get("raised"):
            answer["result"] = _Raised(answer["result"])
        return answer

    def spawn_naming_errors(worker: Any) -> None:
        try:
            spawn(worker)
        except RuntimeError as error:
            if not str(error).startswith(_INIT_FAILED):
                raise
            name, message = json.loads(str(error).removeprefix(_INIT_FAILED))
            # The caller reports the name of the exception's class as `errorType`.
            raise type(name, (Exception,), {})(message) from error

    def execute_telling_errors(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = execute(function, event, request_id)
        body = answer.get("body")
        if isinstance(body, _Raised):
            trace = "".join(["Traceback (most recent call last):\n", *body["stackTrace"]])
            told = f"[ERROR] {body['errorType']}: {body['errorMessage']}\n{trace}"
            log = "\n".join(filter(None, [answer.get("log"), told]))
            return {**answer, "body": dict(body), "error": True, "function_error": "Unhandled", "log": log}
        if answer.get("error") and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
            body["errorType"] = "Runtime.ExitError"
        return answer

    places.put(lambda_runtime.Worker, "invoke", invoke_telling_errors)
    places.put(lambda_runtime.Worker, "_spawn", spawn_naming_errors)
    places.put(lambda_svc, "_execute_function_warm", execute_telling_errors)
