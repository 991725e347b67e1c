"""Keeps checkov's graph of the configuration between runs, for as long as nothing has changed that it is made from.

Reading the modules and rendering their variables is most of what `checkov -d .` does, and its result depends on the
files alone. It is kept under `build/`, with a digest of all that it depends on: every file that checkov reads, the
versions of checkov and Python, what we change in checkov, its arguments and variables. Where one byte differs,
everything is read again. Verdicts are never kept: checkov and our rules judge the graph in each run. Runs in checkov's
own Python environment.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(os.path.realpath(__file__)).parents[1]
KEPT: Final = Path("build") / "policies" / "checkov-graph.pickle"
CHANGES_OF_CHECKOV: Final = ("checkov_graph.py", "checkov_speed.py")
READ: Final = (".hcl", ".json", ".tf", ".tfvars")
"""Ends of the names of files that checkov's reader of Terraform opens."""
# Beginnings of the variables that checkov's reader looks at, and what makes it read hidden folders or in another way.
_VARIABLES: Final = re.compile(
    "BC_|CHECKOV_|CKV_|CREATE_|ENABLE_|EVAL_|EXTERNAL_|HCL_|MAX_|RAW_|RENDER_|RUN_|TERRAFORM_|TF_|WORKDIR"
)
_OF_THE_STATUS: Final = frozenset({"CKV_PARSE_ERROR_FAIL"})
"""Variables that change how checkov ends, and not what it reads."""
_READS_MORE: Final = ("CKV_IGNORE", "CHECKOV_EXPERIMENTAL", "TF_SPLIT_GRAPH")


def keep_graph(root: Path = ROOT) -> None:
    """Make checkov take its graph of the tree `root` from the last run where nothing has changed."""
    from checkov.terraform.graph_manager import TerraformGraphManager

    TerraformGraphManager.build_graph_from_source_directory = kept(
        TerraformGraphManager.build_graph_from_source_directory, root
    )


def kept(build: Callable[..., Any], root: Path) -> Callable[..., Any]:
    """`build(manager, source_dir=..., ...)`, which answers with the graph and the definitions, or what it answered
    before. Only the tree `root` is kept.
    """

    @wraps(build)
    def build_or_take(manager: Any, *arguments: Any, **named: Any) -> Any:
        if arguments or named.get("source_dir") != os.fspath(root) or named.get("vars_files") or _reads_more(root):
            return build(manager, *arguments, **named)
        files = dict(_contents(root))
        asked = _digest(files, named, manager)
        known = _take(root / KEPT, asked)
        if known is not None:
            return known
        answer = build(manager, **named)
        read = {os.path.realpath(block.path) for block in answer[0].vertices}
        if not named.get("parsing_errors") and read <= {os.path.realpath(root / name) for name in files}:
            _put(root / KEPT, asked, answer)
        return answer

    return build_or_take


def _reads_more(root: Path) -> bool:
    return (root / ".external_modules").exists() or any(name.startswith(_READS_MORE) for name in os.environ)


def _contents(root: Path) -> Iterator[tuple[str, bytes]]:
    """The files that checkov may read, with their contents: not hidden ones, and none that a run has made."""
    for folder, names, files in os.walk(root):
        inside = Path(folder)
        names[:] = [name for name in names if not name.startswith(".") and inside / name != root / "build"]
        for name in files:
            path = inside / name
            if name.endswith(READ) and path.is_file():
                yield path.relative_to(root).as_posix(), path.read_bytes()


def _digest(files: dict[str, bytes], named: dict[str, Any], manager: Any) -> bytes:
    digest = hashlib.sha256()
    add = partial(_add, digest)
    for said in (sys.version, version("checkov"), type(manager).__qualname__):
        add(said.encode())
    for name in CHANGES_OF_CHECKOV:
        add((Path(__file__).parent / name).read_bytes())
    for name, value in sorted(named.items()):
        add(f"{name}={value!r}".encode())
    for name, value in sorted(os.environ.items()):
        if _VARIABLES.match(name) and name not in _OF_THE_STATUS:
            add(f"{name}={value}".encode(errors="surrogateescape"))
    for name, content in sorted(files.items()):
        add(name.encode(errors="surrogateescape"))
        add(content)
    return digest.digest()


def _add(digest: Any, said: bytes) -> None:
    """The length comes first, so that no two lists of texts look the same."""
    digest.update(len(said).to_bytes(8, "big"))
    digest.update(said)


def _take(path: Path, asked: bytes) -> Any:
    """What was kept for this digest, or None."""
    try:
        kept_for, _, packed = path.read_bytes().partition(b"\n\n")
        return pickle.loads(packed) if kept_for == asked.hex().encode() else None  # noqa: S301 -- written by _put
    except Exception:  # noqa: BLE001 -- whatever is wrong with it, the graph is built again
        return None


def _put(path: Path, asked: bytes, answer: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(asked.hex().encode() + b"\n\n" + pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))
    unfinished.replace(path)
