"""What a request costs whatever our function does with it: an API of the same shape, with another function."""

from __future__ import annotations

import copy
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.operations.webhooks import Webhooks

HANDLERS: Final = Path(__file__).parent / "handlers"


def package(handler: str, at: str) -> bytes:
    """A zip with one of the benchmark's handlers ("empty_webhook") at a path ("handler.py")."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(HANDLERS / f"{handler}.py", at)
    return archive.getvalue()


@dataclass(frozen=True)
class Contestant:
    """What is measured: a system to post to, and the name of the function behind its API.

    `routes`: what is posted comes to the payments queue.
    """

    system: Webhooks
    function: str
    routes: bool


@contextmanager
def beside(system: Webhooks, handler: str, *, routes: bool) -> Iterator[Contestant]:
    """The same system to post to, but with an API like its own, and one of the benchmark's handlers behind it; both go
    with the block.

    Method, model, request validation and access log are those of the webhooks' API; memory, timeout, concurrency, role
    and environment of the function are the validator's.
    """
    name = f"bench-{uuid.uuid4().hex[:8]}"
    with ExitStack() as cleaning:
        function_arn = _function(system, name, handler, cleaning)
        api = _api(system, name, function_arn, cleaning)
        other = copy.copy(system)
        other.api = copy.copy(system.api)
        other.api.url = system.api.url.replace(system.service["api"]["id"], api)
        yield Contestant(other, name, routes)


def _function(system: Webhooks, name: str, handler: str, cleaning: ExitStack) -> str:
    functions = system.client("lambda")
    like = system.service["functions"]["webhook-validator"]
    settings = functions.get_function_configuration(FunctionName=like["name"])
    arn = functions.create_function(
        FunctionName=name,
        Handler="handler.handler",
        Code={"ZipFile": package(handler, "handler.py")},
        Role=like["role_arn"],
        Environment={"Variables": settings["Environment"]["Variables"]},
        **{setting: settings[setting] for setting in ("Architectures", "MemorySize", "Runtime", "Timeout")},
    )["FunctionArn"]
    cleaning.callback(functions.delete_function, FunctionName=name)
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    reserved = functions.get_function_concurrency(FunctionName=like["name"])["ReservedConcurrentExecutions"]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    return str(arn)


def _api(system: Webhooks, name: str, function_arn: str, cleaning: ExitStack) -> str:
    gateway, deployed = system.client("apigateway"), system.service["api"]
    api = gateway.create_rest_api(name=name, endpointConfiguration={"types": ["REGIONAL"]})["id"]
    cleaning.callback(gateway.delete_rest_api, restApiId=api)
    (root,) = gateway.get_resources(restApiId=api)["items"]
    resource = gateway.create_resource(restApiId=api, parentId=root["id"], pathPart="webhook")["id"]
    method = {"restApiId": api, "resourceId": resource, "httpMethod": "POST"}
    gateway.put_method(**method, authorizationType="NONE", **_validation(gateway, deployed["id"], api))
    region = function_arn.split(":")[3]
    gateway.put_integration(
        **method,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function_arn}/invocations",
    )
    stage_name = deployed["stage_name"]
    system.client("lambda").add_permission(
        FunctionName=function_arn,
        StatementId="bench",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{region}:{system.target.account_id}:{api}/{stage_name}/POST/webhook",
    )
    gateway.create_deployment(restApiId=api, stageName=stage_name)
    log = gateway.get_stage(restApiId=deployed["id"], stageName=stage_name).get("accessLogSettings", {})
    patch = [{"op": "replace", "path": f"/accessLogSettings/{key}", "value": value} for key, value in log.items()]
    gateway.update_stage(restApiId=api, stageName=stage_name, patchOperations=patch)
    return str(api)


def _validation(gateway: Any, deployed: str, api: str) -> dict[str, Any]:
    """The arguments of a method that checks a request's body as the deployed API's method does."""
    (model,) = (
        model for model in gateway.get_models(restApiId=deployed)["items"] if model["name"] not in {"Empty", "Error"}
    )
    gateway.create_model(
        restApiId=api,
        name=model["name"],
        contentType="application/json",
        schema=json.dumps(json.loads(model["schema"])),
    )
    validator = gateway.create_request_validator(
        restApiId=api, name="body-and-parameters", validateRequestBody=True, validateRequestParameters=True
    )
    return {"requestModels": {"application/json": model["name"]}, "requestValidatorId": validator["id"]}
