"""A registry of images on this machine, and an engine that has one image: as much of both as a release uses."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlparse

from botocore.exceptions import ClientError


@dataclass
class Registry:
    """The registry of one account and region: {repository: {digest: blob}} and {repository: {tag: manifest}}."""

    repositories: tuple[str, ...]
    blobs: dict[str, dict[str, bytes]] = field(default_factory=dict)
    manifests: dict[str, dict[str, bytes]] = field(default_factory=dict)
    uploads: int = 0
    refuses: tuple[int, str] | None = None
    """What it answers instead of taking anything."""
    address: str = ""

    # The part of ECR's API that a release asks.

    def get_authorization_token(self) -> dict[str, Any]:
        token = base64.b64encode(b"AWS:secret").decode()
        return {"authorizationData": [{"authorizationToken": token, "proxyEndpoint": self.address}]}

    def batch_get_image(self, repositoryName: str, imageIds: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        if repositoryName not in self.repositories:
            raise ClientError({"Error": {"Code": "RepositoryNotFoundException"}}, "BatchGetImage")
        found = self.manifests.get(repositoryName, {})
        return {
            "images": [
                {
                    "imageManifest": found[each["imageTag"]].decode(),
                    "imageId": {"imageDigest": digest(found[each["imageTag"]])},
                }
                for each in imageIds
                if each["imageTag"] in found
            ]
        }

    def get_paginator(self, operation: str) -> Any:
        """Too few images for the lifecycle policy to remove one; test_retention.py has more."""
        assert operation == "describe_images"
        return SimpleNamespace(paginate=lambda **_: [])


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@contextmanager
def running(*repositories: str) -> Iterator[Registry]:
    """A registry with some repositories, which answers as long as the block runs."""
    registry = Registry(repositories)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def answer(self, status: int, data: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def handle_request(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if registry.refuses:
                status, said = registry.refuses
                return self.answer(status, said.encode())
            assert self.headers["Authorization"] == f"Basic {base64.b64encode(b'AWS:secret').decode()}"
            url = urlparse(self.path)
            _, _, repository, kind, *rest = url.path.split("/")
            blobs = registry.blobs.setdefault(repository, {})
            if kind == "manifests":
                registry.manifests.setdefault(repository, {})[rest[0]] = body
                return self.answer(201)
            if self.command == "HEAD":
                return self.answer(200 if rest[0] in blobs else 404)
            if self.command == "POST":
                return self.answer(202, Location=f"/v2/{repository}/blobs/uploads/1?_state=x")
            [named] = parse_qs(url.query)["digest"]
            if digest(body) != named:
                return self.answer(400, b'{"errors": [{"code": "DIGEST_INVALID"}]}')
            blobs[named] = body
            registry.uploads += 1
            return self.answer(201)

        do_HEAD = do_POST = do_PUT = handle_request  # noqa: N815 -- as the library wants them

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Image:
    """An image as an engine saves it: layers as tars, and a configuration that says when it was built."""

    layers: tuple[bytes, ...]
    built: str = "2026-11-28T10:00:00Z"
    command: str = "functions.one.handler"
    saved: tuple[bytes, ...] = ()
    """The layers as they are saved, where a registry had compressed them."""

    def save(self) -> Iterator[bytes]:
        configuration = {
            "architecture": "arm64",
            "os": "linux",
            "created": self.built,
            "docker_version": "20.10",
            "config": {
                "Cmd": [self.command],
                "Env": ["PATH=/bin"],
                "Image": digest(self.built.encode()),
                "Labels": None,
            },
            "history": [{"created": self.built}],
            "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in self.layers]},
        }
        named = {f"{number}/layer.tar": layer for number, layer in enumerate(self.saved or self.layers)}
        described = [{"Config": "config.json", "Layers": list(named), "RepoTags": None}]
        files = {
            **named,
            "config.json": json.dumps(configuration).encode(),
            "manifest.json": json.dumps(described).encode(),
        }
        yield tar(files)


def tar(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return data.getvalue()
