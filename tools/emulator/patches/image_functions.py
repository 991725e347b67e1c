"""A function of an image runs in a container of this machine's engine, which speaks Lambda's Runtime API.

https://docs.aws.amazon.com/lambda/latest/dg/images-create.html (the contract of an image; it is of a private
repository of the same region; the file system is read-only, apart from /tmp; a user without privileges)
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html (an image that does not exist is refused)

ministack takes the name of any image, pulls it from the place that the name says, and starts it with an interface that
knows neither traces nor the function's own name, and takes connections from the network. Here the image is pulled from
the emulator's registry, and its container is a worker as for zips: in the function's role, with its settings, log,
metrics, errors and time-out. It is of this machine's architecture, whatever the function declares.
"""

from __future__ import annotations

import atexit
import base64
import json
import os
import queue
import re
import shutil
import signal
import socketserver
import subprocess
import tempfile
import threading
import uuid
from pathlib import Path
from typing import Any, Final

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import ecr, lambda_svc

from tools.emulator import places
from tools.emulator.patches import image_registry

RESTORES: Final = (
    "Lambda: a function of an image needs one that is in the registry, and runs in a container as it runs from a zip"
)

_URI: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^:@]+)"
    r"(?::(?P<tag>[^@]+)|@(?P<digest>sha256:[0-9a-f]{64}))"
)
# The user of Lambda's sandbox has neither a name nor a group of the image.
_USER: Final = "993:990"
_WRITABLE: Final = "/tmp:mode=1777,size=512m"  # noqa: S108 -- the container's own


def apply() -> None:
    create = places.take(lambda_svc, "_create_function", "e307eecdf0d8")
    update = places.take(lambda_svc, "_update_code", "0998d118b422")
    configure = places.take(lambda_svc, "_update_config", "6999cb0695da")
    choose = places.take(lambda_runtime, "_worker_class_for", "b5a23849280a")
    places.take(lambda_svc, "_execute_function_docker", "65dec13da735")
    places.take(lambda_svc, "_provided_worker_env", "8cccaed6a6d8")
    places.take(lambda_runtime.ProvidedWorker, "_spawn", "f34380f97fd0")
    places.take(lambda_runtime.ProvidedWorker, "_teardown", "033edd954660")
    run = places.take(lambda_svc, "_execute_function_provided_warm", "7cddef20157f")

    def create_of_image(request: dict[str, Any]) -> Any:
        uri = request.get("Code", {}).get("ImageUri")
        if uri and _digest(uri) is None:
            return _no_image(uri)
        answer = create(request)
        if uri:
            _note_digest(request["FunctionName"], uri)
        return answer

    def update_to_image(name: str, request: dict[str, Any]) -> Any:
        uri = request.get("ImageUri")
        if uri and _digest(uri) is None:
            return _no_image(uri)
        answer = update(name, request)
        if uri:
            _note_digest(name, uri)
        return answer

    def configure_image(name: str, request: dict[str, Any]) -> Any:
        answer = configure(name, request)
        if "ImageConfig" in request:
            lambda_runtime.invalidate_worker(name, account=get_account_id(), region=get_region())
        return answer

    def choose_container(config: dict[str, Any]) -> Any:
        return ImageWorker if config.get("PackageType") == "Image" else choose(config)

    def run_container(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        # What would be the code of a zip; without any, ministack invents an answer.
        answer: dict[str, Any] = run({**function, "code_zip": b"image"}, event, request_id)
        return {**answer, "function_error": "Unhandled"} if answer.get("error") else answer

    places.put(lambda_svc, "_create_function", create_of_image)
    places.put(lambda_svc, "_update_code", update_to_image)
    places.put(lambda_svc, "_update_config", configure_image)
    places.put(lambda_runtime, "_worker_class_for", choose_container)
    places.put(lambda_svc, "_execute_function_docker", run_container)


def _digest(uri: str) -> str | None:
    """The digest of the image that a URI names in this region; None when there is none."""
    found = _URI.fullmatch(uri)
    if not found or found["region"] != get_region():
        return None
    with request_scope(found["account"], found["region"]):
        image = ecr._find_image(found["name"], {"imageTag": found["tag"], "imageDigest": found["digest"]})
    return str(image["imageDigest"]) if image else None


def _no_image(uri: str) -> Any:
    return lambda_svc._invalid_parameter_value(f"Source image {uri} does not exist. Provide a valid source image.")


def _note_digest(name: str, uri: str) -> None:
    """The function stays with the image that the tag had: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html"""
    function, digest = lambda_svc._functions.get(name), _digest(uri)
    if function and digest:
        function["config"]["CodeSha256"] = digest.removeprefix("sha256:")


class _StartError(Exception):
    """A container that does not come to ask for an event; `payload` is Lambda's answer to the invocation."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(payload.get("errorMessage", ""))
        self.payload = payload


class _RuntimeApi(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A container that ends takes its connections along."""


class ImageWorker(lambda_runtime.ProvidedWorker):  # type: ignore[misc]  # ministack is beside the emulator only
    """An instance of a function that runs in a container, from an image."""

    _folder: Path | None = None
    _client: subprocess.Popen[bytes] | None = None

    def invoke(self, event: Any, request_id: str, **options: Any) -> dict[str, Any]:
        """As of a custom runtime; but what stops the start of a container is an answer, with its log."""
        try:
            answer: dict[str, Any] = super().invoke(event, request_id, **options)
        except _StartError as error:
            return {"status": "error", "error": str(error), "error_payload": error.payload, "log": self._drain_stderr()}
        return answer

    def _spawn(self, init_timeout: float | None = None) -> None:
        """Pull the image, start its container, and wait until it asks for an event."""
        self._teardown()
        self._discard_folder()
        image = _pull(self.config["ImageUri"], self.config["CodeSha256"])
        pending: queue.Queue[Any] = queue.Queue(maxsize=1)
        log: queue.Queue[str] = queue.Queue(maxsize=lambda_runtime._PROVIDED_LOG_MAX_LINES)
        with self._state_lock:
            self._generation += 1
            self._stopping = False
            self._first_poll.clear()
            self._init_settled.clear()
            self._init_error = None
            self._result: dict[str, Any] = {}
            self._response_ready.clear()
            self._current_request_id = None
            self._pending, self._stderr_queue = pending, log
        try:
            self._server = _RuntimeApi(("127.0.0.1", 0), self._build_handler_class(self._generation, pending))
            self._server_thread = threading.Thread(
                target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
            )
            self._server_thread.start()
            self._proc = self._start(image, self._server.server_address[1])
            self._log_thread = threading.Thread(target=self._pump_output, args=(self._proc.stdout, log), daemon=True)
            self._log_thread.start()
            self._stderr_thread = self._log_thread
            self._await_init(init_timeout)
        except BaseException:
            self._teardown()
            raise

    def _start(self, image: str, port: int) -> subprocess.Popen[bytes]:
        # The folder's path is on the command line, as of each worker: tools/emulator/control.py finds them by it.
        self._folder = Path(tempfile.mkdtemp(prefix=f"ministack-lambda-{self.func_name}-"))
        settings = {
            **lambda_svc._runtime_env_vars(self.config),
            **lambda_runtime.execution_credentials(self.config),
            lambda_svc.HOST_PREFIX_ENV: "true",
            "AWS_DEFAULT_REGION": get_region(),
            "AWS_ENDPOINT_URL": f"http://{image_registry.address()}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.config["MemorySize"]),
            "AWS_LAMBDA_FUNCTION_NAME": self.func_name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.config.get("Version", "$LATEST"),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.func_name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": uuid.uuid4().hex,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
            "AWS_REGION": get_region(),
        }
        command = [
            "docker", "run", "--rm", "--init", "--cidfile", str(self._folder / "container"), "--network", "host",
            "--read-only", "--tmpfs", _WRITABLE, "--user", _USER, "--cap-drop", "ALL",
            "--memory", f"{self.config['MemorySize']}m",
        ]  # fmt: skip
        for name in settings:  # their values are in the environment: a command line is for everybody to see
            command += ["--env", name]
        given = (self.config.get("ImageConfigResponse") or {}).get("ImageConfig") or {}
        if given.get("WorkingDirectory"):
            command += ["--workdir", given["WorkingDirectory"]]
        entry = given.get("EntryPoint") or []
        if entry:
            command += ["--entrypoint", entry[0]]
        command += [image, *entry[1:], *(given.get("Command") or [])]
        self._client = subprocess.Popen(
            command,
            env={**_environment(), **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return self._client

    def _await_init(self, init_timeout: float | None = None) -> None:
        try:
            super()._await_init(init_timeout)
        except lambda_runtime.ProvidedInitTimeout:
            raise
        except RuntimeError as error:
            # The runtime reports what was wrong, and ends.
            payload = self._init_error
            if not isinstance(payload, dict):
                payload = {"errorType": "Runtime.ExitError", "errorMessage": str(error)}
            raise _StartError(payload) from error

    def _discard_tmpdir(self) -> None:
        super()._discard_tmpdir()
        self._discard_folder()

    def _discard_folder(self) -> None:
        """Forget the container, which ended with its client; if the client had to be killed, end it."""
        folder, self._folder = self._folder, None
        if folder is None:
            return
        container = folder / "container"
        if self._client and self._client.returncode == -signal.SIGKILL and container.exists():
            _docker("rm", "--force", "--volumes", container.read_text())
        shutil.rmtree(folder, ignore_errors=True)


_pulled: set[str] = set()
_pulling = threading.Lock()


def _pull(uri: str, digest: str) -> str:
    """Pull an image from the emulator's registry, once. Returns the engine's name for it.

    Raises RuntimeError with the engine's words when that fails.
    """
    found = _URI.fullmatch(uri)
    if found is None:
        raise RuntimeError(f"{uri} is no image of a private repository")
    name = f"{image_registry.address()}/{found['name']}@sha256:{digest}"
    with _pulling:
        if name not in _pulled:
            login = base64.b64encode(f"AWS:{image_registry.new_token(found['account'], found['region'])}".encode())
            with tempfile.TemporaryDirectory() as folder:
                logins = {"auths": {image_registry.address(): {"auth": login.decode()}}}
                (Path(folder) / "config.json").write_text(json.dumps(logins))
                answer = _docker("--config", folder, "pull", "--quiet", name)
            if answer.returncode:
                raise RuntimeError(f"the container engine does not pull {uri}: {answer.stdout.strip()}")
            _pulled.add(name)
    return name


@atexit.register
def _forget_images() -> None:
    if _pulled:
        _docker("rmi", *sorted(_pulled))


def _docker(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *words], env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def _environment() -> dict[str, str]:
    """What the client of the engine needs. DOCKER_HOST of the emulator itself leads nowhere."""
    engine = os.environ.get("CONTAINER_ENGINE", "")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, **({"DOCKER_HOST": engine} if engine else {})}
