"""What may be said in a network, and with whom."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from policies.model import MISSING, Resource, Undecidable, Unknown, Values, items, options
from policies.rule import rule

_RANGES = ("cidr_blocks", "cidr_ipv4", "cidr_ipv6", "ipv6_cidr_blocks")
_PROTOCOLS = ("ip_protocol", "protocol")
_EVERY_PROTOCOL = frozenset({"-1", "all"})


@rule(
    "CKV_FEP_37",
    "Security groups name who they talk to, and the ports",
    "aws_default_security_group",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
    rows=("TXF-50", "PLT-31"),
    reading={
        'Amazon VPC User Guide, "Security group rules"': "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    },
    fix="Name the other side: a security group, the prefix list of an endpoint, or private addresses. Give a protocol "
    "and its ports.",
)
def security_groups_name_who_they_talk_to(group: Resource) -> Iterator[str]:
    """A rule that is open to every address lets code that was tampered with carry data anywhere, and one for every
    protocol lets it do so in any way. Functions here call AWS over HTTPS, so their rules can name endpoints.
    """
    if group.type in ("aws_security_group", "aws_default_security_group"):
        for direction in ("egress", "ingress"):
            for one in group.blocks(direction):
                yield from _opens(one, direction)
    else:
        yield from _opens(group, "the rule")


def _opens(values: Values, what: str) -> Iterator[str]:
    for name in _RANGES:
        for option in items(values.get(name)):
            if isinstance(option, Unknown):
                raise Undecidable(f"{name} is {option}")
            if not _is_private(str(option)):
                yield f"{what} is open to {option}, which are addresses of the internet ({name})"
    for name in _PROTOCOLS:
        for option in options(values.get(name)):
            if option is not MISSING and str(option).lower() in _EVERY_PROTOCOL:
                yield f"{what} is open to every protocol and port ({name})"


def _is_private(addresses: str) -> bool:
    try:
        network = ipaddress.ip_network(addresses, strict=False)
    except ValueError:
        raise Undecidable(f"{addresses} is no range of addresses") from None
    return network.is_private and network.prefixlen > 0
