"""Uploading a release's artefacts to the bucket that functions are deployed from."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tools.errors import Failure
from tools.release.archive import build, libraries
from tools.release.manifest import Artefact, Platform, artefacts

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def publish(s3: S3Client, bucket: str, where: Platform, systems: list[str]) -> list[Artefact]:
    """Build and upload each artefact that the bucket does not hold yet. Returns those that were uploaded.

    An object's name is the hash of what it was made from, so what is there is never written again.
    """
    missing = [artefact for artefact in artefacts(where, systems) if not _exists(s3, bucket, artefact.key)]
    if not missing:
        return []
    libraries(where)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda artefact: _upload(s3, bucket, where, artefact, Path(folder)), missing))
    return missing


def _upload(s3: S3Client, bucket: str, where: Platform, artefact: Artefact, folder: Path) -> None:
    archive = build(artefact, where, folder / f"{artefact.system}-{artefact.function}.zip")
    s3.upload_file(str(archive), bucket, artefact.key)


def _exists(s3: S3Client, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in {"404", "NoSuchKey"}:
            return False
        if code == "NoSuchBucket":
            raise Failure(
                f"the artefact bucket {bucket} does not exist",
                where="foundation/data of this region",
                do="apply foundation/data first, or run-all apply in the environment's folder",
            ) from error
        raise
    return True
