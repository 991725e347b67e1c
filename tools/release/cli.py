"""`pipelines release manifest|build|publish|scan`: what a plan needs, what an apply needs, and findings."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.arguments import Parser, add_region, add_target
from tools.errors import FAILED, WRONG_INPUT, Failure
from tools.livetree import layout
from tools.project import display
from tools.release import manifest


def release_manifest(parser: Parser) -> None:
    parser.set_defaults(run=_manifest)


def release_build(parser: Parser) -> None:
    parser.set_defaults(run=_build)


def release_publish(parser: Parser) -> None:
    parser.add_argument("--bucket", required=True, help="the artefact bucket (output of foundation/data)")
    parser.add_argument("--packaging", required=True, choices=["zip", "image"], help="as resolved for the system")
    add_region(parser, required=True)
    parser.add_argument("system", nargs="+", help="payment-events, ...")
    parser.set_defaults(run=_publish)


def release_scan(parser: Parser) -> None:
    add_target(parser)
    add_region(parser)
    parser.add_argument("system", help="payment-events, ...")
    parser.set_defaults(run=_scan)


def _scan(arguments: argparse.Namespace) -> int:
    from tools.deploy.target import target
    from tools.release.scan import deployed, scans

    on = target(arguments.env, arguments.target)
    region = layout.region(on.environment, arguments.system, arguments.region)
    functions = on.outputs(layout.Place(on.environment, region, arguments.system, "service"))["functions"]
    images = deployed(functions, on.client("lambda", region))
    if not images:
        print(f"the functions of {arguments.system} run from zips, which ECR does not scan")
        return 0
    found = list(scans(images, on.client("ecr", region)))
    for scan in found:
        print("\n".join(scan.lines()))
    critical = sum(scan.critical for scan in found)
    print(f"{sum(len(scan.findings) for scan in found)} findings, {critical} critical")
    return FAILED if critical else 0


def _manifest(_: argparse.Namespace) -> int:
    path = manifest.write(manifest.target())
    # A hook runs this before commands whose standard output is data.
    print(f"release: {display(path)}", file=sys.stderr)
    return 0


def _build(_: argparse.Namespace) -> int:
    from tools.release.built import FOLDER, build_all, build_images

    where = manifest.target()
    for artefact in build_all(where):
        _say(f"built {artefact.key}")
    in_images = _systems_in_images()
    build_images(manifest.artefacts(where, in_images) if in_images else [], where, _say)
    _say(f"{display(FOLDER)} holds the zips of all functions, and images of: {', '.join(in_images) or 'none'}")
    return 0


def _systems_in_images() -> list[str]:
    """The systems whose functions run from images in some environment."""
    from tools.livetree.reading.tree import Tree, discover

    folders = [folder for name in layout.environments() for folder in discover(layout.folder(name))]
    services = [unit for unit in Tree(folders, os.environ).units if layout.Place.of(unit.folder).unit == "service"]
    in_images = [unit for unit in services if unit.configuration().inputs["context"]["packaging"] == "image"]
    return sorted({layout.Place.of(unit.folder).system for unit in in_images})


def _publish(arguments: argparse.Namespace) -> int:
    import boto3

    from tools.release.publish import publish, publish_images, repositories_of

    where, systems = manifest.target(), ", ".join(arguments.system)
    released = Path(os.environ[manifest.RELEASED]) if os.environ.get(manifest.RELEASED) else None
    if arguments.packaging == "image":
        ecr = boto3.client("ecr", region_name=arguments.region)
        aws_lambda = boto3.client("lambda", region_name=arguments.region)
        repositories = repositories_of(_outputs_of_data())
        if not publish_images(ecr, aws_lambda, repositories, where, arguments.system, _say, released):
            _say(f"the repositories hold every image of {systems}")
        return 0
    s3 = boto3.client("s3", region_name=arguments.region)
    uploaded = publish(s3, arguments.bucket, where, arguments.system, released)
    for artefact in uploaded:
        _say(f"published {artefact.key}")
    if not uploaded:
        _say(f"{arguments.bucket} holds everything of {systems}")
    return 0


def _say(line: str) -> None:
    # With its end, or lines of other threads come in between.
    print(f"release: {line}\n", end="", flush=True)


def _outputs_of_data() -> Mapping[str, object]:
    """The outputs of the system's unit `data`: a hook gets the inputs of its unit as Terraform does."""
    text = os.environ.get("TF_VAR_data")  # noqa: SIM112 -- as Terraform wants it
    if text is None:
        raise Failure(
            "nobody says where the system's images are kept",
            where="TF_VAR_data, the outputs of the system's unit `data`",
            do="let the hook of `apply` run this command; it has them",
            status=WRONG_INPUT,
        )
    outputs: Mapping[str, object] = json.loads(text)
    return outputs
