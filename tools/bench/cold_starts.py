"""What the start of a new instance costs: each function from its image and its zip, beside the least that could do.

All start in containers of the same base image, so that nothing but the code differs. The file system is read-only, as
on Lambda, so an instance keeps no byte code that it makes. The least imports boto3 and makes the clients that the
function makes. Measured is processor time from the start of Python until the handler is there, in turns, in one run.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docker import DockerClient

from tools.release import archive, images, standin_base
from tools.release.manifest import EMULATOR_IMAGES, Artefact

ROUNDS: Final = 5

# The clients are told once, so that the least makes the same ones.
_OURS: Final = """
import json, sys, time
if sys.argv[2:]:
    import boto3
    made, real = [], boto3.client
    boto3.client = lambda service, **given: (made.append(service), real(service, **given))[1]
__import__(sys.argv[1], fromlist=["handler"])
print(json.dumps(made if sys.argv[2:] else time.process_time()))
"""
_LEAST: Final = """
import json, sys, time, boto3
clients = [boto3.client(service) for service in json.loads(sys.argv[1])]
print(json.dumps(time.process_time()))
"""


@dataclass(frozen=True)
class ColdStart:
    """The best round of one function, in milliseconds of processor time: what else the machine does only adds to it."""

    function: str
    image: float
    zip: float
    least: float

    def report(self) -> dict[str, float]:
        return {
            "image_ms": round(self.image),
            "zip_ms": round(self.zip),
            "least_ms": round(self.least),
            "image_ratio": round(self.image / self.least, 2),
            "zip_ratio": round(self.zip / self.least, 2),
        }


def measure(
    engine: DockerClient, functions: Iterable[tuple[Artefact, str, Mapping[str, str]]], say: Callable[[str], None]
) -> list[ColdStart]:
    """Measure functions, each given as its artefact, its name, and its environment variables."""
    base = standin_base.ensure(engine, EMULATOR_IMAGES)
    found = []
    for artefact, name, variables in functions:
        say(f"cold start of {name}")
        found.append(_measure(engine, artefact, name, base, variables))
    return found


def _measure(engine: DockerClient, artefact: Artefact, name: str, base: str, variables: Mapping[str, str]) -> ColdStart:
    image = images.build(engine, artefact, EMULATOR_IMAGES, base)
    module = artefact.handler.rpartition(".")[0]
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder) / "task"
        with zipfile.ZipFile(archive.build(artefact, EMULATOR_IMAGES, Path(folder) / "function.zip")) as packed:
            packed.extractall(unpacked)
        Path(folder).chmod(0o755)
        task = {str(unpacked): {"bind": f"/{archive.TASK}", "mode": "ro"}}

        def start(code: str, *words: str, volumes: dict[str, Any] | None = None) -> Any:
            said = engine.containers.run(
                str(image.id),
                entrypoint=["python3", "-c", code, *words],
                command=[],
                environment={
                    **variables,
                    "AWS_ACCESS_KEY_ID": "none",
                    "AWS_SECRET_ACCESS_KEY": "none",
                    "AWS_DEFAULT_REGION": "us-east-1",
                    "PYTHONPATH": f"/{archive.TASK}:/var/runtime",
                },
                volumes=volumes or {},
                network_mode="none",
                read_only=True,
                remove=True,
            )
            return json.loads(said.splitlines()[-1])

        services = json.dumps(start(_OURS, module, "clients"))
        turns = [
            (start(_OURS, module), start(_OURS, module, volumes=task), start(_LEAST, services)) for _ in range(ROUNDS)
        ]
    return ColdStart(name, *(1000 * min(each) for each in zip(*turns, strict=True)))
