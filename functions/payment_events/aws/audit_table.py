"""The DynamoDB table of the audit trail."""

from __future__ import annotations

from functions.common import settings
from functions.common.aws.clients import client
from functions.common.aws.item_table import ItemTable
from functions.payment_events.logic.audit import AuditTrail, Stage


def audit_trail(stage: Stage) -> AuditTrail:
    """The trail that the function's environment names. Raises SettingError."""
    table = ItemTable(client("dynamodb", settings.text("REGION")), settings.text("AUDIT_TABLE_NAME"), key="event_id")
    return AuditTrail(table, stage, settings.text("RELEASE"))
