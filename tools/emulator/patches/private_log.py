"""The emulator's log contains nothing of a message, as the log stays when the emulator and its data are gone.

https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html (delivery status logging)

What AWS itself logs of a message is its id and its digest. ministack writes the first hundred characters of each
message that is published to a topic into its own log.
"""

from __future__ import annotations

import logging
from typing import Final

from ministack.services import sns

from tools.emulator import places

RESTORES: Final = "SNS: the emulator's own log contains no text of a message"

# The lines that end with a message's text.
_TELLING: Final = ("SNS%s publish to %s: %s", "SNS SMS to %s: %s")


def apply() -> None:
    places.take(sns, "publish_internal", "f979fc53e1eb")
    places.take(sns, "_publish", "df41cb2faa09")
    sns.logger.addFilter(_leave_text_out)


def _leave_text_out(record: logging.LogRecord) -> bool:
    if record.msg in _TELLING and isinstance(record.args, tuple):
        record.args = (*record.args[:-1], "(text left out)")
    return True
