"""What the lifecycle policy of a repository may not remove: the image that a function runs from.

The policy keeps the last images of each function (modules/image-repository). ECR does not know which one is deployed,
so a push that would make that one older than the last ones is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tools.errors import Failure
from tools.release.manifest import Artefact, repository_and_tag

if TYPE_CHECKING:
    from types_boto3_ecr import ECRClient
    from types_boto3_lambda import LambdaClient

# How many images of a function the policy keeps.
KEPT: Final = 10


def check_keeps_deployed(ecr: ECRClient, aws_lambda: LambdaClient, repository: str, artefact: Artefact) -> None:
    """Raise Failure when one more image of the artefact's function would let the policy remove one that is deployed."""
    tags = _newest_first(ecr, repository, f"{artefact.function}-")
    leaving = set(tags[KEPT - 1 :])
    if not leaving:
        return
    deployed = leaving & {tag for name, tag in _deployed(aws_lambda) if name == repository}
    if deployed:
        never = ", ".join(tags[: KEPT - 1])
        raise Failure(
            f"one more image of {artefact.function} would let the repository remove the one that is deployed",
            where=f"{repository}:{min(deployed)}, older than {KEPT - 1} images that were pushed and not deployed",
            do="delete some of those (`aws ecr batch-delete-image --repository-name "
            f"{repository} --image-ids imageTag=...`), then apply again: {never}",
        )


def _newest_first(ecr: ECRClient, repository: str, prefix: str) -> list[str]:
    """The tags that begin with a prefix, by when their images were pushed."""
    pages = ecr.get_paginator("describe_images").paginate(repositoryName=repository, filter={"tagStatus": "TAGGED"})
    found = [
        (image["imagePushedAt"], tag)
        for page in pages
        for image in page["imageDetails"]
        for tag in image.get("imageTags", [])
        if tag.startswith(prefix)
    ]
    return [tag for _, tag in sorted(found, reverse=True)]


def _deployed(aws_lambda: LambdaClient) -> Iterator[tuple[str, str]]:
    """The repository and the tag of the image of each function of the region that runs from one."""
    for page in aws_lambda.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            if function.get("PackageType") == "Image":
                code = aws_lambda.get_function(FunctionName=function["FunctionName"])["Code"]
                yield repository_and_tag(code["ImageUri"])
