"""S3 and the main queue to the tables: works off files that arrive, and segments of large ones (TXF-10 to TXF-16)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.common.aws.batch_table import BatchTable
from functions.common.aws.clients import client
from functions.common.aws.queues import Queue
from functions.transaction_files.aws.file_table import FileTable
from functions.transaction_files.aws.object_store import ObjectStore
from functions.transaction_files.aws.outbox import Queues
from functions.transaction_files.aws.transaction_table import TransactionTable
from functions.transaction_files.logic.arrivals import Arrival, read_arrivals
from functions.transaction_files.logic.processing import Counts, Work
from functions.transaction_files.logic.segments import Segment

# What is left of an invocation when it takes no more work: enough for a batch whose calls meet faults of services.
RESERVE_MS: Final = 45_000

region = settings.text("REGION")
logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
dynamodb, sqs = client("dynamodb", region), client("sqs", region)
objects = ObjectStore(client("s3", region))
files = FileTable(dynamodb, settings.text("FILES_TABLE"), settings.text("RELEASE"))
transactions = TransactionTable(BatchTable(dynamodb, settings.text("TRANSACTIONS_TABLE"), "transaction_id"))
queues = Queues(Queue(sqs, settings.text("MAIN_QUEUE_URL")), Queue(sqs, settings.text("DEAD_LETTER_QUEUE_URL")))
segments = msgspec.json.Decoder(Segment)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse | None:
    """Takes an event of S3, or messages of the main queue, of which it returns those that have to come again.

    Raises what stopped the work on a file: Lambda tries again, and in the end sends the event to the dead-letter queue.
    """

    def time_is_up() -> bool:
        return context.get_remaining_time_in_millis() < RESERVE_MS

    work = Work(objects, files, transactions, queues, time_is_up)
    if is_from_queue(event):
        last = event["Records"][-1]["messageId"]
        return process_partial_response(
            event,
            lambda record: _segment(work, record, is_last=record.message_id == last),
            BatchProcessor(EventType.SQS),
            context,
        )
    for arrival in read_arrivals(event):
        _file(work, arrival)
    return None


def is_from_queue(event: dict[str, Any]) -> bool:
    return any(record.get("eventSource") == "aws:sqs" for record in event["Records"])


def _file(work: Work, arrival: Arrival) -> None:
    try:
        source = objects.source(arrival)
        if source is None:
            metrics.add_metric("FilesOfErasures", MetricUnit.Count, 1)
            logger.info("written by an erasure: left as it is", file=arrival.file)
            return
        counts = work.file(source)
    except Exception:
        logger.exception("the file comes again", file=arrival.file)
        raise
    _count(source.file, 1, counts)


def _segment(work: Work, record: SQSRecord, *, is_last: bool) -> None:
    """Work off the last segment of a batch. The others are put back for other functions, which work on them at once.

    They are put back as new messages: a message that is received three times is a dead letter, wrong or not.
    One that was received before stays, because something may be.
    """
    segment = segments.decode(record.body)
    try:
        is_for_others = not is_last and int(record.attributes.approximate_receive_count) == 1
        if is_for_others or work.time_is_up():
            queues.hand_on([segment])
            return
        counts = work.segment(segment)
    except Exception:
        logger.exception("the segment comes again", file=segment.source.file, line=segment.start.number)
        raise
    _count(segment.source.file, segment.start.number, counts)


def _count(file: str, line: int, counts: Counts) -> None:
    for name, number in msgspec.structs.asdict(counts).items():
        metrics.add_metric(f"Records{name.title()}", MetricUnit.Count, number)
    logger.info("worked off", file=file, line=line, **msgspec.structs.asdict(counts))
