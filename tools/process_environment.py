"""Which variables of a person's environment the programs that the tools start get, and why not the others. Standard
library only.

Every program that the tools start gets its environment from here. Variables that steer such a program come in families
(PIP_*, TF_*, ...): of a family only the listed ones pass, so an unknown variable changes nothing. A
variable of no family (PATH, HOME, SSL_CERT_FILE, ...) passes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final


@dataclass(frozen=True)
class Family:
    """Variables that steer one kind of program. A name that ends in * stands for all names that begin so."""

    names: tuple[str, ...]
    why: str
    passes: tuple[str, ...] = ()


FAMILIES: Final = (
    Family(
        ("PIP_*",),
        "the lock says what is installed, and the folder where; how the index is reached is the person's",
        (
            "PIP_CACHE_DIR",
            "PIP_CERT",
            "PIP_CLIENT_CERT",
            "PIP_CONFIG_FILE",
            "PIP_DEFAULT_TIMEOUT",
            "PIP_EXTRA_INDEX_URL",
            "PIP_FIND_LINKS",
            "PIP_INDEX_URL",
            "PIP_KEYRING_PROVIDER",
            "PIP_NO_CACHE_DIR",
            "PIP_NO_INDEX",
            "PIP_PROXY",
            "PIP_RETRIES",
            "PIP_TIMEOUT",
            "PIP_TRUSTED_HOST",
            "PIP_USE_DEPRECATED",
            "PIP_USE_FEATURE",
        ),
    ),
    Family(
        ("TF_*", "TERRAGRUNT_*", "TG_*"),
        "arguments, inputs, a workspace or a folder of the person's own would deploy something else; how providers are "
        "reached is theirs",
        (
            "TERRAGRUNT_BINARIES",  # docs/livetree.md
            "TF_CLI_CONFIG_FILE",
            "TF_PLUGIN_CACHE_DIR",
            "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE",
            "TF_PLUGIN_MIRROR",  # tools/toolchain.py
            "TF_REGISTRY_CLIENT_TIMEOUT",
            "TF_REGISTRY_DISCOVERY_RETRY",
            "TF_TOKEN_*",
            "TG_AUTH_PROVIDER_CMD",
            "TG_IAM_ASSUME_ROLE*",
            "TG_PARALLELISM",
            "TG_TF_PATH",
        ),
    ),
    Family(
        ("GIT_*",),
        "git sets GIT_DIR for its hooks: `git init` of a test would then work on the person's repository",
        ("GIT_CONFIG_*",),
    ),
    Family(
        ("PYTHON*", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"),
        "each environment has its own interpreter and packages; PYTHONPATH or PYTHONHOME would change them",
        ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONUNBUFFERED"),
    ),
    Family(
        ("CKV_*", "CHECKOV_*", "BC_*", "PRISMA_*"),
        "checkov is the gate: CKV_SKIP_CHECK and many others switch checks off",
    ),
    Family(
        ("PYTEST_*", "RUFF_*", "MYPY*", "HYPOTHESIS_*", "COVERAGE_*"),
        "the repository says what is checked: PYTEST_ADDOPTS could leave tests out, MYPYPATH change the types",
        ("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_*"),  # pytest's own, for its workers
    ),
    Family(
        ("MAKEFLAGS", "MFLAGS", "GNUMAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL"),
        "a make that a program starts is not part of the one that started the program",
    ),
    Family(
        ("CDPATH", "ENV", "BASH_ENV", "BASHOPTS", "SHELLOPTS", "BASH_FUNC_*"),
        "our shell scripts must do what they say; with CDPATH, for example, `cd` goes elsewhere and prints where",
    ),
    Family(("FORCE_COLOR", "CLICOLOR_FORCE"), "the tools read the output of programs, and colour codes would be in it"),
)

# Who the person is to AWS: for a real account, and for nothing else.
IDENTITY: Final = ("AWS_*", "TG_AUTH_PROVIDER_CMD", "TG_IAM_ASSUME_ROLE*")
# More output of Terraform and Terragrunt, only for a person who reads it: tftest, for example, waits for ever for a
# program that fills its standard error.
LOGGING: Final = ("TF_LOG*", "TG_LOG*")

# All that a program needs that gets nothing else of the person's environment.
_BARE: Final = ("PATH", "TMPDIR")
# Go never sends what is for this machine to a proxy; Python and curl have to be told.
_THIS_MACHINE: Final = ("127.0.0.1", "localhost")


def inherited(
    given: Mapping[str, str] | None = None, *, identity: bool = True, logging: bool = False
) -> dict[str, str]:
    """The environment of a program that works for the person: `given` (this process's) without what would mislead it.

    `identity` passes the person's credentials for AWS and all that goes with them, `logging` the variables for
    more output of Terraform and Terragrunt.
    """
    environment = dict(os.environ if given is None else given)
    passed = {
        name: value
        for name, value in environment.items()
        if (logging and _one_of(name, LOGGING))
        or not any(_one_of(name, family.names) and not _one_of(name, family.passes) for family in FAMILIES)
    }
    if not identity:
        passed = {name: value for name, value in passed.items() if not _one_of(name, IDENTITY)}
    # Python prefers the lower case, Go the upper: where both are set, they have to say the same.
    return passed | dict.fromkeys(("NO_PROXY", "no_proxy"), _no_proxy(environment))


def bare() -> dict[str, str]:
    """The environment of a program that gets nothing else of the person's: PATH, the temporary folder, UTF-8."""
    return {name: os.environ[name] for name in _BARE if name in os.environ} | {"LANG": "C.UTF-8"}


def identity_variables() -> list[str]:
    """The variables of this process that say who the person is to AWS, and how AWS is reached."""
    return [name for name in os.environ if _one_of(name, IDENTITY)]


def _no_proxy(given: Mapping[str, str]) -> str:
    """Hosts that no proxy is asked for: what either case names, and this machine. "*" stays alone: it means all."""
    named = [host.strip() for name in ("no_proxy", "NO_PROXY") for host in given.get(name, "").split(",")]
    hosts = dict.fromkeys(host for host in (*named, *_THIS_MACHINE) if host)
    return "*" if "*" in hosts else ",".join(hosts)


def _one_of(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
