"""Pushing an image that is kept as files, as it is: https://github.com/opencontainers/distribution-spec/blob/main/spec.md

No engine takes part, so a registry gets exactly what was released.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import urlencode, urljoin
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import BaseHTTPResponse as Response
from urllib3.exceptions import HTTPError

from tools.errors import Failure
from tools.release.image_files import MANIFEST, ImageFile

if TYPE_CHECKING:
    from types_boto3_ecr import ECRClient

# Pushing a layer can take minutes, in which the registry says nothing.
_PATIENCE: Final = urllib3.Timeout(connect=10, read=600)


@dataclass(frozen=True)
class Registry:
    """Where images are pushed ("https://111111111111.dkr.ecr.us-east-1.amazonaws.com"), and who pushes."""

    address: str
    user: str
    password: str = field(repr=False)


class TagExistsError(Failure):
    """The repository has the tag already, for an image with another content."""


def log_in(ecr: ECRClient) -> Registry:
    """The registry of the account and region, with a password for twelve hours."""
    [data] = ecr.get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    return Registry(data["proxyEndpoint"], user, password)


def push(image: ImageFile, registry: Registry, repository: str, tag: str) -> Iterator[str]:
    """Push an image under a tag; yields a line for each layer, when it is there.

    Raises Failure when the registry does not take it, TagExistsError when the tag is that of another image.
    """
    name = f"{registry.address.partition('://')[2]}/{repository}:{tag}"
    base = f"{registry.address}/v2/{repository}"
    headers = urllib3.make_headers(basic_auth=f"{registry.user}:{registry.password}")
    with _connections(registry.address) as http:

        def ask(method: str, url: str, *expected: int, body: IO[bytes] | bytes | None = None, **more: str) -> Response:
            given = {**headers, **{key.replace("_", "-"): value for key, value in more.items()}}
            try:
                answer = http.request(method, url, headers=given, body=body)
            except HTTPError as error:
                raise _refused(name, str(error)) from error
            if expected and answer.status not in expected:
                raise _refused(name, f"{answer.status} {answer.data.decode(errors='replace')}".strip())
            return answer

        for digest, file in image.parts():
            short = digest.partition(":")[2][:12]
            # An answer to HEAD says no reason; the upload that follows gets one.
            if ask("HEAD", f"{base}/blobs/{digest}").status == 200:
                yield f"{short}: already there"
                continue
            place = urljoin(base, ask("POST", f"{base}/blobs/uploads/", 202).headers["Location"])
            size = str(file.stat().st_size)
            with file.open("rb") as data:
                url = f"{place}{'&' if '?' in place else '?'}{urlencode({'digest': digest})}"
                ask("PUT", url, 201, body=data, Content_Length=size, Content_Type="application/octet-stream")
            yield f"{short}: pushed"
        ask("PUT", f"{base}/manifests/{tag}", 201, body=image.manifest, Content_Type=MANIFEST)


def _connections(address: str) -> urllib3.PoolManager:
    """What asks a registry, through the proxy that HTTPS_PROXY and NO_PROXY name for it."""
    scheme, _, host = address.partition("://")
    proxy = None if proxy_bypass(host) else getproxies().get(scheme)
    if proxy:
        return urllib3.ProxyManager(proxy, timeout=_PATIENCE, retries=False)
    return urllib3.PoolManager(timeout=_PATIENCE, retries=False)


def other_content(name: str, said: str) -> TagExistsError:
    """The failure for a tag ("<registry>/<repository>:<tag>") that another image than the released one has."""
    return TagExistsError(
        f"the tag exists with other content: {said}",
        where=name,
        do="a tag is the hash of what its image is made of, so an image that somebody made by hand has it, or one that "
        "another build of Python compiled: look at it (`aws ecr describe-images`), and give every image a new tag by "
        "raising IMAGE_FORMAT in tools/release/manifest.py",
    )


def _refused(name: str, said: str) -> Failure:
    if "immutable" in said or "tag invalid" in said:
        return other_content(name, said)
    if "auth" in said.lower() or "denied" in said.lower() or "credentials" in said or said.startswith(("401", "403")):
        do = "check that your credentials allow ecr:GetAuthorizationToken, BatchCheckLayerAvailability, "
        do += "InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload and PutImage on the repository"
    elif "not exist" in said or "not known" in said or "NAME_UNKNOWN" in said:
        do = "apply the system's unit `data` first, or run-all apply in the environment's folder"
    else:
        do = "check the connection to the registry, then apply again: what was pushed stays"
    return Failure(f"the registry refuses the image: {said}", where=name, do=do)
