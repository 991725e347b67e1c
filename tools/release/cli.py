"""`pipelines release manifest|publish`: the manifest before a plan, the artefacts before an apply."""

from __future__ import annotations

import argparse
import sys

from tools.arguments import Parser, add_region
from tools.errors import WRONG_INPUT, Failure
from tools.project import display
from tools.release import manifest


def release_manifest(parser: Parser) -> None:
    parser.set_defaults(run=_manifest)


def release_publish(parser: Parser) -> None:
    parser.add_argument("--bucket", required=True, help="the artefact bucket (output of foundation/data)")
    parser.add_argument("--packaging", required=True, choices=["zip", "image"], help="as resolved for the environment")
    add_region(parser, required=True)
    parser.add_argument("system", nargs="+", help="payment-events, ...")
    parser.set_defaults(run=_publish)


def _manifest(_: argparse.Namespace) -> int:
    path = manifest.write(manifest.target())
    # A hook runs this before commands whose standard output is data.
    print(f"release: {display(path)}", file=sys.stderr)
    return 0


def _publish(arguments: argparse.Namespace) -> int:
    import boto3

    from tools.release.publish import publish

    if arguments.packaging == "image":
        raise Failure(
            "this release publishes zips; container images are not built yet",
            where="packaging in environment.yaml",
            do="set packaging: zip",
            status=WRONG_INPUT,
        )
    where = manifest.target()
    s3 = boto3.client("s3", region_name=arguments.region)
    uploaded = publish(s3, arguments.bucket, where, arguments.system)
    for artefact in uploaded:
        print(f"release: published {artefact.key}")
    if not uploaded:
        print(f"release: {arguments.bucket} holds everything of {', '.join(arguments.system)}")
    return 0
