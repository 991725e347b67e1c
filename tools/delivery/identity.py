"""Who plans and who applies: the roles of an account that workflows become, without a stored key (PLT-50, PLT-52)."""

from __future__ import annotations

from typing import Final, Literal

from tools.livetree import settings

Kind = Literal["plan", "apply"]
KINDS: Final[tuple[Kind, ...]] = ("plan", "apply")


def role_name(kind: Kind) -> str:
    """The name of a role: every account has one of each kind."""
    return f"financial-event-pipelines-{kind}"


def role_arn(environment: str, kind: Kind) -> str:
    """The role of an environment's account. Raises Failure for wrong settings."""
    return f"arn:aws:iam::{settings.load(environment).account_id}:role/{role_name(kind)}"
