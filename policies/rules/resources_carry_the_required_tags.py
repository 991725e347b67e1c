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
    rows=("PLT-11", "PLT-31"),
    fix="Leave the tags to the provider's `default_tags` in the root configuration. Override none of them "
    "with an empty value.",
    forms=("plan",),
)
def resources_carry_the_required_tags(resource: Resource) -> Iterator[str]:
    """The root configuration generates the provider's `default_tags`. Only a plan holds them together with a resource's
    own tags, so the rule judges plans only.
    """
    own = resource.get("tags")
    emptied = [name for name in REQUIRED if isinstance(own, Mapping) and own.get(name) == ""]
    if emptied:
        yield f"its tags override {', '.join(emptied)} with an empty value"
        return
    tags = resource.get("tags_all")
    if tags is MISSING and own is MISSING:
        return  # AWS has no tags for it
    if not isinstance(tags, Mapping):
        raise Undecidable(f"tags_all is {tags}")
    if missing := [name for name in REQUIRED if not tags.get(name)]:
        yield f"it does not have the tags {', '.join(missing)}"
