"""Tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.model import EVERY_RESOURCE, MISSING, Resource, Undecidable
from policies.rule import rule

REQUIRED = ("Compliance", "DataClassification", "Environment", "ManagedBy", "Owner")


@rule(
    "CKV_FEP_31",
    "Resources carry the required tags",
    EVERY_RESOURCE,
    fix="Leave the provider's default_tags to the root configuration, and override none of them with an empty value.",
    forms=("plan",),
)
def resources_carry_the_required_tags(resource: Resource) -> Iterator[str]:
    """PLT-11, PLT-31. They come from the provider's default_tags, which the root configuration generates: only a plan
    holds both.
    """
    own = resource.get("tags")
    emptied = [name for name in REQUIRED if isinstance(own, Mapping) and own.get(name) == ""]
    if emptied:
        yield f"its tags override {', '.join(emptied)} with nothing"
        return
    tags = resource.get("tags_all")
    if tags is MISSING and own is MISSING:
        return  # AWS takes no tags for it
    if not isinstance(tags, Mapping):
        raise Undecidable(f"tags_all is {tags}")
    if missing := [name for name in REQUIRED if not tags.get(name)]:
        yield f"it lacks {', '.join(missing)}"
