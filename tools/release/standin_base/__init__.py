"""A stand-in for Lambda's base image, made of Debian's packages: for machines that do not reach the public registry.

It keeps the contract of the real one (entry point, folders, boto3, the runtime interface client), so tests and the
emulator run functions on it. Nothing is deployed to AWS on it.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from docker import DockerClient
from docker.errors import APIError, BuildError, ImageNotFound

from tools import process_environment
from tools.errors import MISSING_ON_THIS_MACHINE, Failure
from tools.project import ROOT
from tools.release import archive, bytecode
from tools.release.manifest import Platform

HERE: Final = Path(__file__).resolve().parent
LOCK: Final = ROOT / "requirements" / "runtime.txt"
# The release of Debian whose Python is that of the functions.
SUITE: Final = "bookworm"
PACKAGES: Final = (
    "python3",
    "dash",
    "coreutils",
    "base-files",
    "base-passwd",
    "ca-certificates",
    "libstdc++6",
    "tzdata",
)
_KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
_LEFT_OUT: Final = ("doc", "man", "locale", "info", "lintian", "bash-completion")


def name(where: Platform) -> str:
    """Its name, by what it is made from; which versions of Debian's packages it has is not part of it."""
    digest = hashlib.sha256()
    for path in [LOCK, *sorted(each for each in HERE.iterdir() if each.is_file())]:
        digest.update(path.read_bytes())
    return f"financial-event-pipelines/standin-base:{digest.hexdigest()[:16]}-{where.architecture}"


def ensure(engine: DockerClient, where: Platform) -> str:
    """Build the stand-in for a platform unless the engine has it; returns its name.

    Raises Failure where Debian's packages cannot be had.
    """
    wanted = name(where)
    try:
        engine.images.get(wanted)
    except ImageNotFound:
        _build(engine, where, wanted)
    return wanted


def _build(engine: DockerClient, where: Platform, tag: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        system = Path(temporary) / "system"
        _unpack(_download(Path(temporary), where.architecture), system)
        bytecode.compile_folder(system / "usr/lib/python3.11", where, "/usr/lib/python3.11")
        runtime = Path(temporary) / "runtime"
        bytecode.copy_compiled(archive.packed(archive.libraries(where, LOCK)), runtime, where, "/var/runtime")
        context = io.BytesIO()
        with tarfile.open(fileobj=context, mode="w") as tar:
            for file in ("Dockerfile", "lambda-entrypoint.sh"):
                tar.add(HERE / file, file, filter=_by_root)
            tar.add(runtime, "runtime", filter=_by_root)
            inner = Path(temporary) / "system.tar"
            with tarfile.open(inner, "w") as packed:
                packed.add(system, ".", filter=_by_root)
            tar.add(inner, "system.tar")
        context.seek(0)
        try:
            engine.images.build(
                fileobj=context,
                custom_context=True,
                platform=f"linux/{where.architecture}",
                tag=tag,
                rm=True,
                forcerm=True,
            )
        except (APIError, BuildError) as error:
            raise Failure(f"the stand-in for the base image was not built: {error}", where=tag) from error


def _download(temporary: Path, architecture: str) -> list[Path]:
    """The packages and what they depend on, by an apt with folders of its own: this machine's packages stay."""
    apt = temporary / "apt"
    for folder in ("etc/apt.conf.d", "etc/preferences.d", "state/lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True)
    (apt / "etc" / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {_mirror()} {SUITE} main\n")
    (apt / "status").touch()
    settings = {
        "Dir::Etc": apt / "etc",
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    options = [word for option, value in settings.items() for word in ("-o", f"{option}={value}")]
    for words in (["update"], ["--yes", "--download-only", "install", *PACKAGES]):
        _run(["apt-get", "-qq", *options, *words])
    return sorted((apt / "cache" / "archives").glob("*.deb"))


def _mirror() -> str:
    """Where this machine's apt gets Debian from."""
    if shutil.which("apt-get") and Path(_KEYRING).exists():
        said = _run(
            ["apt-get", "indextargets", "--format", "$(ORIGIN) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"]
        )
        for line in said.splitlines():
            origin, component, address = line.split(" ", 2)
            if (origin, component) == ("Debian", "main") and "security" not in address:
                return address
    raise Failure(
        "the stand-in for the base image is made of Debian's packages, which this machine does not have",
        where="apt-get indextargets",
        do="name a base image that you can reach in BASE_IMAGE, or run on Debian after `sudo apt-get update`",
        status=MISSING_ON_THIS_MACHINE,
    )


def _unpack(packages: list[Path], to: Path) -> None:
    """Unpack packages without their scripts: so those of any architecture, and nothing runs."""
    for folder in ("bin", "lib", "sbin", "lib64"):
        (to / "usr" / folder).mkdir(parents=True)
        (to / folder).symlink_to(f"usr/{folder}")
    for package in packages:
        files = to.parent / "package.tar"
        with files.open("wb") as out:
            subprocess.run(
                ["dpkg-deb", "--fsys-tarfile", package], env=process_environment.inherited(), stdout=out, check=True
            )
        _run(["tar", "--extract", "--keep-directory-symlink", "--file", str(files), "--directory", str(to)])
    shared = to / "usr" / "share"
    shutil.copy(shared / "base-passwd" / "passwd.master", to / "etc" / "passwd")
    shutil.copy(shared / "base-passwd" / "group.master", to / "etc" / "group")
    (to / "usr" / "bin" / "sh").unlink(missing_ok=True)
    (to / "usr" / "bin" / "sh").symlink_to("dash")
    certificates = to / "etc" / "ssl" / "certs"
    certificates.mkdir(parents=True, exist_ok=True)
    trusted = sorted((shared / "ca-certificates").rglob("*.crt"))
    (certificates / "ca-certificates.crt").write_text("".join(path.read_text() for path in trusted))
    for unneeded in _LEFT_OUT:
        shutil.rmtree(shared / unneeded, ignore_errors=True)
    (to / "tmp").mkdir(exist_ok=True)
    (to / "tmp").chmod(0o1777)
    (to / "var" / "task").mkdir(parents=True, exist_ok=True)


def _by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def _run(command: list[str]) -> str:
    answer = subprocess.run(
        command, env=process_environment.inherited(), capture_output=True, text=True, errors="replace", check=False
    )
    if answer.returncode:
        raise Failure(
            f"Debian's packages cannot be had: {answer.stderr.strip()[-300:]}",
            where=" ".join(command[:2]),
            do="check the connection to Debian's mirror (`apt-get update`)",
            status=MISSING_ON_THIS_MACHINE,
        )
    return answer.stdout
