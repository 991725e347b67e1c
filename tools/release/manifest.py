"""What a release consists of: each function's artefact, named by the hash of its contents. Standard library only.

A plan computes it without building anything, so a plan needs neither a network nor a build.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.errors import WRONG_INPUT, Failure
from tools.project import BUILD, ROOT, display

FUNCTIONS: Final = ROOT / "functions"
LOCK: Final = ROOT / "requirements" / "functions.txt"
# The one recipe of all images. Its first instruction names the base image, which Renovate updates there.
DOCKERFILE: Final = ROOT / "tools" / "release" / "Dockerfile"
# Raised when the way an artefact is built changes: the same sources then make another file.
BUILD_FORMAT: Final = "2"
IMAGE_FORMAT: Final = "2"
# The environment variable that names the folder of a release: a publish takes everything from there, and builds none.
RELEASED: Final = "RELEASED_ARTEFACTS"


@dataclass(frozen=True)
class Platform:
    """Where a function runs: Python's version ("3.11"), the wheel platforms that it takes ("manylinux2014_aarch64"),
    and for images the architecture as container engines call it ("arm64").
    """

    name: str
    python: str
    wheels: tuple[str, ...]
    architecture: str

    @property
    def manifest(self) -> Path:
        return BUILD / "release" / f"{self.name}.json"


# The one place that says which Python the functions run on: modules read it from the manifest, and a test names what
# has to follow. Lambda ends python3.11 on 2027-06-30: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
RUNTIME: Final = "python3.11"
# https://docs.aws.amazon.com/lambda/latest/dg/python-package.html: Lambda on arm64 takes manylinux2014_aarch64 wheels
# (Python 3.11 runs on Amazon Linux 2, whose glibc is 2.26; later ones on Amazon Linux 2023, with 2.34).
AWS: Final = Platform(
    "aws", RUNTIME.removeprefix("python"), ("manylinux2014_aarch64", "manylinux_2_17_aarch64"), "arm64"
)
_MACHINE: Final = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
_ARCHITECTURE: Final = {"x86_64": "amd64", "aarch64": "arm64"}.get(_MACHINE, _MACHINE)
# The emulator runs the handlers of zips in this machine's Python: its zips are for this machine.
EMULATOR: Final = Platform(
    "emulator",
    f"{sys.version_info.major}.{sys.version_info.minor}",
    (f"{platform.system()}-{platform.machine()}",),
    _ARCHITECTURE,
)
# Its images hold the Python of the functions, for the architecture of this machine's container engine.
EMULATOR_IMAGES: Final = Platform(
    "emulator-images", AWS.python, (f"manylinux2014_{_MACHINE}", f"manylinux_2_17_{_MACHINE}"), _ARCHITECTURE
)


def target() -> Platform:
    """The platform to build for: the emulator's if AWS_ENDPOINT_URL is set, else that of AWS."""
    return EMULATOR if os.environ.get("AWS_ENDPOINT_URL") else AWS


def of_images(where: Platform) -> Platform:
    """The platform of the images that run where zips are for `where`: another one only on the emulator."""
    return EMULATOR_IMAGES if where is EMULATOR else where


def base_image() -> str:
    """What the images are built on: BASE_IMAGE of the environment, else what the Dockerfile names."""
    named = os.environ.get("BASE_IMAGE")
    found = re.search(r"^ARG BASE_IMAGE=(\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
    if not (named or found):
        raise Failure(
            "there is no base image", where=display(DOCKERFILE), do="name it: ARG BASE_IMAGE=...", status=WRONG_INPUT
        )
    return named or (found[1] if found else "")


def repository_and_tag(uri: str) -> tuple[str, str]:
    """The repository and the tag that the URI of an image names ("<registry>/<repository>:<tag>")."""
    repository, _, tag = uri.partition("/")[2].partition(":")
    return repository, tag


@dataclass(frozen=True)
class Artefact:
    """One function's artefact: where its handler is, the files that go in, and the names that their content gives it.

    `hash` names the zip, `image_hash` the image: that of the same sources, on a base image.
    """

    system: str
    function: str
    handler: str
    sources: tuple[Path, ...]
    hash: str
    image_hash: str

    @property
    def key(self) -> str:
        return f"{self.system}/{self.function}/{self.hash}.zip"

    @property
    def tag(self) -> str:
        return f"{self.function}-{self.image_hash}"

    def entry(self) -> dict[str, str]:
        return {
            "handler": self.handler,
            "hash": self.hash,
            "key": self.key,
            "runtime": RUNTIME,
            "tag": self.tag,
        }


def artefacts(where: Platform, systems: list[str] | None = None) -> list[Artefact]:
    """The artefacts of all functions, or of those of some systems ("payment-events").

    Raises Failure for a system without functions.
    """
    known = {folder.name.replace("_", "-"): folder for folder in sorted(FUNCTIONS.iterdir()) if handlers(folder)}
    for system in systems or []:
        if system not in known:
            raise Failure(
                f"there is no system {system} with functions",
                where="functions/",
                do=f"name one of: {', '.join(known)}",
                status=WRONG_INPUT,
            )
    return [
        _artefact(where, system, handler)
        for system, folder in known.items()
        if systems is None or system in systems
        for handler in handlers(folder)
    ]


def handlers(system_folder: Path) -> list[Path]:
    """The modules at the top of a system's folder that define `handler`; every one is a function."""
    if not system_folder.is_dir() or system_folder.name == "common":
        return []
    return [
        module
        for module in sorted(system_folder.glob("*.py"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "handler" for node in _parse(module).body)
    ]


def _artefact(where: Platform, system: str, handler: Path) -> Artefact:
    sources = closure(handler)
    module = ".".join(handler.relative_to(ROOT).with_suffix("").parts)
    name = handler.stem.replace("_", "-")
    zip_hash = _hash((BUILD_FORMAT, where.python, *where.wheels), (LOCK, *sources))
    images = of_images(where)
    parts = (IMAGE_FORMAT, base_image(), DOCKERFILE.read_text(), images.architecture, images.python, *images.wheels)
    image_hash = _hash(parts, (LOCK, *sources))
    return Artefact(system, name, f"{module}.handler", sources, zip_hash, image_hash)


def _hash(parts: Iterable[str], files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    for path in files:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def closure(handler: Path) -> tuple[Path, ...]:
    """The handler and every file of `functions/` that it needs: what it imports, however deep, the packages around
    those modules, and the data files (anything that is no Python and no Markdown) that lie beside an imported module,
    except beside the handlers themselves, where other functions' modules lie too.

    So a change to one function's logic leaves the other functions' artefacts as they are.
    """
    found: set[Path] = set()
    waiting = [handler]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        waiting += _packages_around(module)
        waiting += [path for name in _imports(module) for path in _modules(name)]
    beside = {module.parent for module in found} - {handler.parent, FUNCTIONS}
    data = {
        path
        for folder in beside
        for path in folder.iterdir()
        if path.is_file() and path.suffix not in {".py", ".pyc", ".md"} and not path.name.startswith(".")
    }
    return tuple(sorted(found | data))


def _parse(module: Path) -> ast.Module:
    try:
        return ast.parse(module.read_bytes(), filename=str(module))
    except SyntaxError as fault:
        raise Failure(
            f"{display(module)} is not Python: {fault.msg}",
            where=f"{display(module)}, line {fault.lineno}",
            do="fix the file; `make lint` shows more",
            status=WRONG_INPUT,
        ) from fault


def _imports(module: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(_parse(module)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.ImportFrom) and node.level:
            parts = module.relative_to(ROOT).with_suffix("").parts
            base = ".".join([*parts[: len(parts) - node.level], *([node.module] if node.module else [])])
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.partition(".")[0] == FUNCTIONS.name]


def _modules(name: str) -> list[Path]:
    path = ROOT.joinpath(*name.split("."))
    return [candidate for candidate in (path.with_suffix(".py"), path / "__init__.py") if candidate.is_file()]


def _packages_around(module: Path) -> list[Path]:
    around = []
    folder = module.parent
    while folder.is_relative_to(FUNCTIONS):
        if (folder / "__init__.py").is_file():
            around.append(folder / "__init__.py")
        folder = folder.parent
    return around


def write(where: Platform) -> Path:
    """Write the manifest where the live tree reads it, in one step, as several units may do so at once.

    Shape: {system: {function: {"handler", "hash", "key", "runtime", "tag"}}}.
    """
    content: dict[str, dict[str, dict[str, str]]] = {}
    for artefact in artefacts(where):
        content.setdefault(artefact.system, {})[artefact.function] = artefact.entry()
    text = json.dumps(content, indent=2, sort_keys=True) + "\n"
    path = where.manifest
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(text)
        temporary.replace(path)
    return path
