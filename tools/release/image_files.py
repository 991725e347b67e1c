"""Images as files: each is built once, and every registry gets the same bytes, so the same digest.

What a registry stores of an image are blobs, and a manifest that names them by digest:
https://github.com/opencontainers/image-spec/blob/main/manifest.md
An engine compresses layers anew for each registry that it pushes to. Here they are compressed once.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from tools.errors import WRONG_INPUT, Failure
from tools.project import display
from tools.release.manifest import Artefact

if TYPE_CHECKING:
    from docker.models.images import Image

MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIGURATION: Final = "application/vnd.docker.container.image.v1+json"
_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar.gzip"
# What of an engine's configuration says how the image runs. The rest says when, where and by what it was built, and
# would make two builds of one tree differ: https://github.com/opencontainers/image-spec/blob/main/config.md
_RUN_BY: Final = ("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal")
_CREATED: Final = "1980-01-01T00:00:00Z"  # the time of every file in a layer
_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class ImageFile:
    """An image in a folder: its manifest, byte for byte, and where the blobs are that it names."""

    manifest: bytes
    blobs: Path

    @property
    def digest(self) -> str:
        """What registries call it by: "sha256:..."."""
        return _digest(self.manifest)

    @property
    def content(self) -> str:
        """The digest of its configuration, which names the content of each layer: two builds of one tree share it."""
        return content(self.manifest)

    def parts(self) -> list[tuple[str, Path]]:
        """(digest, file) of each blob, the layers first."""
        described = json.loads(self.manifest)
        digests = [part["digest"] for part in [*described["layers"], described["config"]]]
        return [(digest, _blob(self.blobs, digest)) for digest in digests]


def content(manifest: str | bytes) -> str:
    """What an image holds, by its manifest in a registry: the digest of its configuration."""
    digest: str = json.loads(manifest).get("config", {}).get("digest", "")
    return digest


def find(artefact: Artefact, folder: Path) -> ImageFile | None:
    """The image of an artefact that was built into a folder before, if it was."""
    path = _manifest(artefact, folder)
    return ImageFile(path.read_bytes(), folder / "blobs") if path.is_file() else None


def keep(image: Image, artefact: Artefact, folder: Path) -> ImageFile:
    """Write an engine's image into a folder, layers that other images share once. It is there once it is whole.

    Raises Failure for a layer that is neither a tar nor compressed with gzip.
    """
    blobs = folder / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as saved:
        for chunk in image.save():
            saved.write(chunk)
        saved.seek(0)
        with tarfile.open(fileobj=saved) as tar:
            [described] = json.loads(_read(tar, "manifest.json"))
            engines = json.loads(_read(tar, described["Config"]))
            pairs = zip(described["Layers"], engines["rootfs"]["diff_ids"], strict=True)
            layers = [_keep_layer(tar, name, unpacked, blobs) for name, unpacked in pairs]
    configuration = _canonical(_configuration(engines))
    _write(_blob(blobs, _digest(configuration)), configuration)
    manifest = _canonical(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {
                "mediaType": _CONFIGURATION,
                "digest": _digest(configuration),
                "size": len(configuration),
            },
            "layers": layers,
        }
    )
    _write(_manifest(artefact, folder), manifest)
    return ImageFile(manifest, blobs)


def _manifest(artefact: Artefact, folder: Path) -> Path:
    return folder / artefact.system / artefact.function / f"{artefact.image_hash}.image.json"


def _configuration(engines: Mapping[str, Any]) -> dict[str, Any]:
    run_by = {name: engines["config"][name] for name in _RUN_BY if engines["config"].get(name)}
    kept = {name: engines[name] for name in ("architecture", "os", "variant", "rootfs") if engines.get(name)}
    return {**kept, "config": run_by, "created": _CREATED}


def _keep_layer(tar: tarfile.TarFile, name: str, unpacked: str, blobs: Path) -> dict[str, Any]:
    """Write a layer as a blob, unless the folder has it. `unpacked` is the digest of its content, not compressed."""
    known = blobs / f"{unpacked.partition(':')[2]}.layer.json"
    if not known.is_file():
        source = tar.extractfile(name)
        if source is None:
            raise Failure(f"the engine saved no layer {name}", where=display(blobs))
        with source, tempfile.NamedTemporaryFile(dir=blobs, delete=False) as fresh:
            try:
                _compress(source, fresh, name)
                digest, size = _measure(fresh)
                Path(fresh.name).replace(_blob(blobs, digest))
            finally:
                Path(fresh.name).unlink(missing_ok=True)
        _write(known, _canonical({"mediaType": _LAYER, "digest": digest, "size": size}))
    described: dict[str, Any] = json.loads(known.read_bytes())
    return described


def _compress(source: IO[bytes], to: Any, name: str) -> None:
    """Copy a layer; an engine saves it as a tar, or as the registry of the base image had it."""
    head = source.read(512)
    source.seek(0)
    if head.startswith(_GZIP):
        shutil.copyfileobj(source, to, _CHUNK)
    elif head[257:262] == b"ustar" or not head.strip(b"\0"):
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=to, mtime=0) as packed:
            shutil.copyfileobj(source, packed, _CHUNK)
    else:
        raise Failure(
            "a layer of the image is neither a tar nor compressed with gzip",
            where=name,
            do="name a base image whose layers are, in BASE_IMAGE",
            status=WRONG_INPUT,
        )
    to.flush()


def _measure(file: Any) -> tuple[str, int]:
    size = file.tell()
    with Path(file.name).open("rb") as written:
        return f"sha256:{hashlib.file_digest(written, 'sha256').hexdigest()}", size


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise Failure(f"the engine saved an image without {name}")
    return file.read()


def _blob(blobs: Path, digest: str) -> Path:
    return blobs / digest.partition(":")[2]


def _write(path: Path, data: bytes) -> None:
    """Write a file in one step, as several processes may do so at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as fresh:
        fresh.write(data)
    Path(fresh.name).replace(path)


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
