"""Only known shapes pass."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import EVERY_RESOURCE, Resource
from policies.rule import rule
from policies.shapes import NO_RULE, SHAPES


@rule(
    "CKV_FEP_41",
    "Resources have a shape that is known",
    EVERY_RESOURCE,
    rows=("PLT-31", "PLT-33"),
    fix="Give each attribute a value that the message names. For a type, an attribute or a block that is new, decide "
    "what it may be, and write that into `policies/shapes.py`.",
    forms=("hcl",),
)
def resources_have_a_known_shape(resource: Resource) -> Iterator[str]:
    """A list of what is forbidden is never complete. So this rule lists what is allowed: the types of resources, their
    attributes and blocks, and what each may be in every case. What nobody has thought about does not pass.
    """
    shape = SHAPES.get(resource.type)
    if shape is None:
        yield f"{resource.type}: {NO_RULE}"
    else:
        yield from shape.problems(resource)
