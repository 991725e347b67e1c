"""The tool chain on this machine: Python environments, Terraform, its provider. Standard library only.

`python3 -m tools.toolchain` is `make setup`: it builds what is missing inside the project's folder. For what it
cannot build, it names the command that installs it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools import process_environment
from tools.emulator import processes
from tools.errors import MISSING_ON_THIS_MACHINE, Failure
from tools.project import BUILD, ROOT, display

CLI_CONFIGURATION: Final = BUILD / "terraform.rc"

MINIMUM_PYTHON: Final = (3, 11)
MINIMUM_TERRAFORM: Final = (1, 5)
# Earlier releases do not read AWS_ENDPOINT_URL in the S3 back end: they would look for the emulator's states on AWS.
# https://github.com/hashicorp/terraform/blob/v1.6/CHANGELOG.md, 1.6.4; OpenTofu has had it from its first release.
MINIMUM_TERRAFORM_ON_EMULATOR: Final = (1, 6, 4)
MINIMUM_OPENTOFU_ON_EMULATOR: Final = (1, 6)
# It alone refuses an alias as the key of the states: https://github.com/hashicorp/terraform/issues/33979
_WITHOUT_ALIASES: Final = (1, 6, 0)
INSTALL_TERRAFORM: Final = "run `mise install` (mise.toml pins the version), or install Terraform >= 1.5 or OpenTofu"
PROVIDER: Final = "registry.terraform.io/hashicorp/aws"


@dataclass(frozen=True)
class PythonEnvironment:
    """A virtual environment of the project and the lock that it is built from.

    Its programs are run by its interpreter: the first line of a script holds the environment's path, which is no longer
    right in a moved folder, and not every installer can write one with a space in it.
    """

    folder: Path
    lock: Path
    installs_project: bool = False
    interpreter: str = sys.executable

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.folder / ".built-from"


DEVELOPMENT: Final = PythonEnvironment(ROOT / ".venv", ROOT / "requirements" / "dev.txt", installs_project=True)
EMULATOR: Final = PythonEnvironment(ROOT / ".venv-emulator", ROOT / "requirements" / "emulator.txt")
CHECKOV: Final = PythonEnvironment(ROOT / ".venv-checkov", ROOT / "requirements" / "checkov.txt")


def require(environment: PythonEnvironment) -> Path:
    """The interpreter of an environment; raises Failure when set-up has not built it."""
    if not environment.python.exists():
        raise Failure(
            f"the Python environment {environment.folder.name} does not exist",
            where=str(ROOT),
            do="run `make setup`",
            status=MISSING_ON_THIS_MACHINE,
        )
    return environment.python


def script(environment: PythonEnvironment, name: str) -> list[str]:
    """The beginning of the command line that runs a script of an environment; raises as `require`."""
    python = require(environment)
    return [str(python), str(python.with_name(name))]


def terraform() -> str:
    """The path of Terraform or OpenTofu: TG_TF_PATH, else `terraform`, else `tofu` on the PATH.

    Raises Failure when there is none, or one that the modules or the back end cannot do with.
    """
    named = os.environ.get("TG_TF_PATH")
    found = shutil.which(named) if named else shutil.which("terraform") or shutil.which("tofu")
    if found is None:
        raise Failure(
            f"TG_TF_PATH names {named}, which is no program"
            if named
            else "Terraform is not on the PATH (nor is OpenTofu)",
            where="PATH",
            do=INSTALL_TERRAFORM,
            status=MISSING_ON_THIS_MACHINE,
        )
    version = _terraform_version(found)
    if version < MINIMUM_TERRAFORM:
        raise Failure(
            f"{Path(found).name} is {'.'.join(map(str, version))}; the modules need 1.5 or newer",
            where=found,
            do=INSTALL_TERRAFORM,
            status=MISSING_ON_THIS_MACHINE,
        )
    if version == _WITHOUT_ALIASES and not _is_opentofu(found):
        raise Failure(
            "Terraform 1.6.0 cannot keep the states: it refuses the alias of their key",
            where=found,
            do="install any other release from 1.5 on, or OpenTofu",
            status=MISSING_ON_THIS_MACHINE,
        )
    return found


def check_for_emulator(program: str) -> None:
    """Raise Failure when a Terraform that may deploy to AWS would look for the emulator's states there, too."""
    version = _terraform_version(program)
    if version >= MINIMUM_TERRAFORM_ON_EMULATOR or (version >= MINIMUM_OPENTOFU_ON_EMULATOR and _is_opentofu(program)):
        return
    raise Failure(
        f"{Path(program).name} is {'.'.join(map(str, version))}: it deploys to AWS, and on the emulator it would ask "
        "AWS for the states",
        where=program,
        do="to run on this machine, install Terraform >= 1.6.4 or OpenTofu >= 1.6.0 (`mise install`)",
        status=MISSING_ON_THIS_MACHINE,
    )


def _is_opentofu(program: str) -> bool:
    answer = subprocess.run(
        [program, "version"], env=process_environment.inherited(), capture_output=True, text=True, check=False
    )
    return answer.stdout.startswith("OpenTofu")


def _terraform_version(program: str) -> tuple[int, ...]:
    answer = subprocess.run(
        [program, "version", "-json"], env=process_environment.inherited(), capture_output=True, text=True, check=False
    )
    try:
        text = str(json.loads(answer.stdout)["terraform_version"])
    except (ValueError, KeyError):
        said = (answer.stderr or answer.stdout).strip()[:200] or "no output"
        raise Failure(
            f"{program} does not support `version -json`: {said}",
            where=program,
            do=INSTALL_TERRAFORM,
            status=MISSING_ON_THIS_MACHINE,
        ) from None
    return tuple(int(part) for part in re.findall(r"\d+", text.split("-")[0]))


def terraform_environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment (what a program inherits from this process, unless it is given) that points Terraform at the CLI
    configuration which set-up made, if it made one.
    """
    environment = process_environment.inherited() if given is None else dict(given)
    if CLI_CONFIGURATION.exists():
        environment["TF_CLI_CONFIG_FILE"] = str(CLI_CONFIGURATION)
    environment.setdefault("CHECKPOINT_DISABLE", "1")
    return environment


def mirror_roots() -> Iterator[Path]:
    """The conventional folders of a filesystem mirror of providers; such a folder holds `registry.terraform.io/...`."""
    if named := os.environ.get("TF_PLUGIN_MIRROR"):
        yield Path(named).expanduser().absolute()
    home = Path.home()
    yield home / ".terraform.d" / "plugins"
    yield home / ".local" / "share" / "terraform" / "plugins"
    yield home / "Library" / "Application Support" / "io.terraform" / "plugins"
    for top in (Path("/usr/local/share/terraform"), Path("/usr/share/terraform")):
        yield top / "plugins"
        yield top / "providers"
    opt = Path("/opt")
    if opt.is_dir():
        yield from sorted(folder for folder in opt.iterdir() if folder.is_dir())


def find_mirror() -> Path | None:
    """The first conventional folder with the AWS provider for this platform, or None."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    here = f"{platform.system().lower()}_{machine}"
    for root in mirror_roots():
        provider = root / PROVIDER
        if any(provider.glob(f"5.*/{here}")) or any(provider.glob(f"terraform-provider-aws_5.*_{here}.zip")):
            return root
    return None


def write_cli_configuration() -> str:
    """Point Terraform at the mirror when there is one. Returns a line that says what was chosen.

    A CLI configuration of the person's own (TF_CLI_CONFIG_FILE naming a file that exists) stays in use.
    """
    own = os.environ.get("TF_CLI_CONFIG_FILE")
    if own and Path(own).exists() and Path(own) != CLI_CONFIGURATION:
        CLI_CONFIGURATION.unlink(missing_ok=True)
        return f"providers: as {own} says"
    mirror = find_mirror()
    path = json.dumps(str(mirror), ensure_ascii=False)
    installation = (
        f'  filesystem_mirror {{\n    path    = {path}\n    include = ["{PROVIDER}"]\n  }}\n'
        f'  direct {{\n    exclude = ["{PROVIDER}"]\n  }}\n'
        if mirror
        else "  direct {}\n"
    )
    BUILD.mkdir(exist_ok=True)
    text = f"disable_checkpoint = true\nprovider_installation {{\n{installation}}}\n"
    if not CLI_CONFIGURATION.exists() or CLI_CONFIGURATION.read_text(encoding="utf-8") != text:
        CLI_CONFIGURATION.write_text(text, encoding="utf-8")
    return f"providers: from the mirror {mirror}" if mirror else "providers: from the registry"


def check_provider() -> None:
    """Initialise a root that needs only the AWS provider; raises Failure when the provider is not available.

    Done again only when the CLI configuration has changed: with the registry it downloads.
    """
    folder = BUILD / "provider-check"
    stamp = folder / ".checked-with"
    own = os.environ.get("TF_CLI_CONFIG_FILE", "")
    chosen = CLI_CONFIGURATION.read_text(encoding="utf-8") if CLI_CONFIGURATION.exists() else own
    if stamp.exists() and stamp.read_text(encoding="utf-8") == chosen:
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf").write_text(
        'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "~> 5.0" }\n  }\n}\n'
    )
    answer = subprocess.run(
        [terraform(), "init", "-backend=false", "-input=false", "-no-color"],
        cwd=folder,
        env=terraform_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        reason = " ".join(answer.stderr.replace("│", " ").split())
        raise Failure(
            f"the provider hashicorp/aws ~> 5.0 is not available: {reason[:300]}",
            where="the registry, and the conventional folders of a filesystem mirror",
            do="connect to the registry, or unpack the provider into a folder "
            "registry.terraform.io/hashicorp/aws/<version>/<os>_<arch> and name its parent in TF_PLUGIN_MIRROR",
            status=MISSING_ON_THIS_MACHINE,
        )
    stamp.write_text(chosen, encoding="utf-8")


def build(environment: PythonEnvironment) -> bool:
    """Build a virtual environment from its lock unless it is up to date. Returns whether anything was done."""
    if is_up_to_date(environment):
        return False
    for line in _clean_up(environment):
        print(f"set-up: {line}", flush=True)
    shutil.rmtree(environment.folder, ignore_errors=True)
    _run(
        [environment.interpreter, "-m", "venv", str(environment.folder)], "install Python's venv module (python3-venv)"
    )
    pip = [str(environment.python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    _run(
        [*pip, "--require-hashes", "-r", str(environment.lock)],
        "check the connection to the package index, then `make setup`",
    )
    if environment.installs_project:
        _run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], "run `make clean setup`")
    _check_packages(environment)
    environment.stamp.write_text(_made_from(environment))
    return True


def _clean_up(environment: PythonEnvironment) -> Iterator[str]:
    """Stop what a killed set-up left running in an environment; yields a sentence for each thing."""
    installers = [f"{environment.python} -m pip ", f"{environment.folder}/bin/python3 -m ensurepip"]
    left = [pid for pid, command in processes.command_lines().items() if any(mark in command for mark in installers)]
    if left:
        processes.end(left, grace_s=5)
        yield f"ended pip, which a set-up that was killed had left at work in {environment.folder.name}"
    if environment.folder.exists() and not environment.stamp.exists():
        yield f"removed {environment.folder.name}, which a set-up that was interrupted had not finished"


def is_up_to_date(environment: PythonEnvironment) -> bool:
    """Whether an environment was built from this lock, by this Python, in this folder."""
    stamp = environment.stamp
    return stamp.exists() and stamp.read_text() == _made_from(environment) and environment.python.exists()


def _made_from(environment: PythonEnvironment) -> str:
    """A hash of everything that an environment is built from; its folder, too, as its scripts contain it."""
    made_by = sys.version if environment.interpreter == sys.executable else environment.interpreter
    parts = [environment.lock.read_bytes(), made_by.encode(), os.fsencode(environment.folder)]
    if environment.installs_project:
        parts.append((ROOT / "pyproject.toml").read_bytes())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _check_packages(environment: PythonEnvironment) -> None:
    """Raise Failure when a package of the lock is not in the environment, although pip succeeded."""
    code = "import importlib.metadata as m, json; print(json.dumps([d.metadata['Name'] for d in m.distributions()]))"
    answer = subprocess.run(
        [str(environment.python), "-I", "-c", code],
        env=process_environment.inherited(),
        capture_output=True,
        text=True,
        check=True,
    )
    # A line with a marker ("; python_version < ...") may be for another Python.
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==[^;]*$", environment.lock.read_text(encoding="utf-8"), re.MULTILINE)
    missing = sorted({_normal(name) for name in pinned} - {_normal(name) for name in json.loads(answer.stdout)})
    if missing:
        raise Failure(
            f"pip has installed nothing into {environment.folder.name}"
            if len(missing) == len(pinned)
            else f"packages are missing in {environment.folder.name}: {', '.join(missing)}",
            where=str(environment.folder),
            do="look for user, target, prefix, root or dry-run in `pip config list`, remove it, then `make setup`",
            status=MISSING_ON_THIS_MACHINE,
        )


def _normal(name: str) -> str:
    """A package's name in its normal form (https://packaging.python.org/en/latest/specifications/name-normalization/)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _run(command: list[str], remedy: str) -> None:
    answer = subprocess.run(
        command, env=process_environment.inherited(), capture_output=True, text=True, errors="replace", check=False
    )
    if answer.returncode:
        tail = " / ".join((answer.stderr or answer.stdout).strip().splitlines()[-3:])
        raise Failure(f"set-up stopped: {tail}", where=" ".join(command[:4]), do=remedy, status=MISSING_ON_THIS_MACHINE)


def set_up() -> None:
    """Build everything that `make demo` and `make test` need, once; prints what it does and how long it took."""
    if sys.version_info < MINIMUM_PYTHON:
        raise Failure(
            f"this is Python {platform.python_version()}; 3.11 or newer is needed",
            where=sys.executable,
            do="run `mise install`, or `make PYTHON=python3.11 setup` with one that you have",
            status=MISSING_ON_THIS_MACHINE,
        )
    if shutil.which("git") is None:
        raise Failure("git is not on the PATH", do="install git", status=MISSING_ON_THIS_MACHINE)
    program = terraform()
    for environment in (DEVELOPMENT, EMULATOR, CHECKOV):
        started = time.monotonic()
        if not is_up_to_date(environment):
            print(f"set-up: building {environment.folder.name} from {display(environment.lock)} ...", flush=True)
        if build(environment):
            print(f"set-up: {environment.folder.name} is ready ({time.monotonic() - started:.0f} s)", flush=True)
    providers = write_cli_configuration()
    check_provider()
    print(
        f"set-up: complete ({Path(program).name} {'.'.join(map(str, _terraform_version(program)))}; {providers})",
        flush=True,
    )


def main() -> int:
    # SIGTERM stops what runs, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        set_up()
    except Failure as failure:
        print(failure, file=sys.stderr)
        return failure.status
    except KeyboardInterrupt:
        print("set-up: interrupted; `make setup` builds what is missing", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
