"""`pipelines project bench`: what our functions cost, each beside others of the same run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from tools.arguments import DEFAULT_ENVIRONMENT, Parser
from tools.bench.baseline import beside
from tools.bench.cold_starts import measure
from tools.bench.csv_upload import CsvUploadBenchmark
from tools.bench.payment_events import FUNCTIONS, PaymentEventsBenchmark
from tools.bench.transaction_files import MEMORY_SIZES, WALL_BYTES, TransactionFilesBenchmark
from tools.bench.webhooks import OURS, WebhooksBenchmark
from tools.deploy.on_emulator import Applied, applied
from tools.errors import FAILED, Failure
from tools.livetree import layout
from tools.measures import table
from tools.operations.csv_upload import CsvUpload
from tools.operations.payment_events import PaymentEvents
from tools.operations.transaction_files import TransactionFiles
from tools.operations.webhooks import Webhooks
from tools.project import BUILD, display
from tools.release import engine
from tools.release.manifest import EMULATOR, Artefact, artefacts

FOLDER: Final = BUILD / "bench"
REPORT: Final = FOLDER / "report.json"

EMPTY: Final = "empty function"
CALLS: Final = "three AWS calls"
# The validator's processor time at most as a multiple of an empty function's, and the chain's throughput at least as a
# share of an empty chain's. docs/decisions/2026-11-28-benchmarks-count-processor-time.md says what stands in the way of
# the first.
PROCESSOR_GOAL: Final = 2.0
CHAIN_GOAL: Final = 0.8
# Rows a second of processor time, at least as a multiple of the naive processor's; and how much more memory the largest
# file takes than the smallest, at most, and in megabytes.
PARSE_GOAL: Final = 10
WHOLE_GOAL: Final = 30
MEMORY_GOAL: Final = 1.2
MEMORY_GOAL_MB: Final = 200
# Rows a second from the 202 to COMPLETED, at least as a share of those of transaction-files.
UPLOAD_GOAL: Final = 0.5
# Processor time until a handler from an image is there, at most as a multiple of a handler that imports boto3 and makes
# the same clients.
COLD_START_GOAL: Final = 1.5


def project_bench(parser: Parser) -> None:
    parser.set_defaults(run=_bench)


def _bench(_: argparse.Namespace) -> int:
    with applied(DEFAULT_ENVIRONMENT, FOLDER / "apply.log") as dev:
        print("webhooks, beside other functions behind the same API", flush=True)
        system = Webhooks(dev.target)
        with (
            beside(system, "empty_webhook", routes=False) as empty,
            beside(system, "webhook_calls", routes=True) as calls,
        ):
            webhooks = WebhooksBenchmark(system, dev.emulator, {EMPTY: empty, CALLS: calls}).run()
        print("payment-events, beside the same chain with empty functions", flush=True)
        payment_events = PaymentEventsBenchmark(PaymentEvents(dev.target), dev.emulator).run()
        print("transaction-files, beside a naive processor", flush=True)
        transaction_files = TransactionFilesBenchmark(TransactionFiles(dev.target), dev.emulator).run()
        print("csv-upload, beside transaction-files", flush=True)
        csv_upload = CsvUploadBenchmark(CsvUpload(dev.target), TransactionFiles(dev.target)).run()
        cold_starts = _cold_starts(dev)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "cold-starts": cold_starts,
        "webhooks": webhooks,
        "payment-events": payment_events,
        "transaction-files": transaction_files,
        "csv-upload": csv_upload,
    }
    REPORT.write_text(json.dumps(report, indent=2) + "\n")
    _print_webhooks(webhooks)
    _print_payment_events(payment_events)
    _print_transaction_files(transaction_files)
    _print_csv_upload(csv_upload)
    _print_cold_starts(cold_starts)
    cost = webhooks["functions"][EMPTY]["processor_ratio"]
    share = payment_events["throughput_ratio"]
    reached = [
        _goal(f"{OURS}: {cost} times the processor time of the {EMPTY}", cost <= PROCESSOR_GOAL, PROCESSOR_GOAL),
        _goal(f"payment-events: {share} of the empty chain's throughput", share >= CHAIN_GOAL, CHAIN_GOAL),
        *goals_of_transaction_files(transaction_files),
        _goal(
            f"csv-upload: {csv_upload['ratio']} of the rate of transaction-files",
            csv_upload["ratio"] >= UPLOAD_GOAL,
            UPLOAD_GOAL,
        ),
    ]
    if cold_starts:
        worst = max(each[kind] for each in cold_starts.values() for kind in ("image_ratio", "zip_ratio"))
        reached.append(_goal(f"cold start: {worst} times the least at most", worst <= COLD_START_GOAL, COLD_START_GOAL))
    print(f"the same as data: {display(REPORT)}")
    return 0 if all(reached) else FAILED


def _cold_starts(dev: Applied) -> dict[str, dict[str, float]]:
    """The cold starts by function; none where no engine runs images."""
    try:
        client = engine.connect()
    except Failure as failure:
        print(f"cold starts are not measured: {failure.problem}", flush=True)
        return {}

    functions = [
        (artefact, name, variables)
        for system in sorted({artefact.system for artefact in artefacts(EMULATOR)})
        for artefact, name, variables in _deployed(dev, system)
    ]
    return {each.function: each.report() for each in measure(client, functions, partial(print, flush=True))}


def _deployed(dev: Applied, system: str) -> Iterator[tuple[Artefact, str, Mapping[str, str]]]:
    """Each function of a system: its artefact, its name there, and its environment variables."""
    region = layout.region(dev.target.environment, system, None)
    by_module = {artefact.handler.rpartition(".")[0]: artefact for artefact in artefacts(EMULATOR, [system])}
    functions = dev.target.outputs(layout.Place(dev.target.environment, region, system, "service"))["functions"]
    aws_lambda = dev.target.client("lambda", region)
    for name, function in sorted(functions.items()):
        configuration = aws_lambda.get_function_configuration(FunctionName=function["name"])
        module = configuration["Handler"].rpartition(".")[0]
        yield by_module[module], name, configuration["Environment"]["Variables"]


def _print_cold_starts(result: dict[str, dict[str, float]]) -> None:
    rows = [["cold start, CPU", "image", "zip", "least", "image / least", "zip / least"]]
    for name, each in result.items():
        times = [f"{each[key]} ms" for key in ("image_ms", "zip_ms", "least_ms")]
        rows.append([name, *times, str(each["image_ratio"]), str(each["zip_ratio"])])
    print("\n".join(["", *table(rows)]))


def _goal(measured: str, reached: bool, goal: float) -> bool:
    print(f"{measured} (goal {goal}: {'reached' if reached else 'MISSED'})")
    return reached


def _print_webhooks(result: dict[str, Any]) -> None:
    rows: list[list[str]] = [["behind the API", "CPU a request", "ratio", "requests/s", "p50", "p99"]]
    for name, measured in result["functions"].items():
        rate = [str(measured["processor_ratio"]), str(measured["requests_per_second"])]
        rows.append([name, f"{measured['processor_ms']} ms", *rate, *_latency(measured["latency_ms"])])
    rows.append(["answer to queue", "", "", "", *_latency(result["answer_to_queue_ms"])])
    print("\n".join(["", *table(rows)]))
    print("ratio: the validator's CPU as a multiple; an answer to queue below 0: in the queue before the answer")


def _print_payment_events(result: dict[str, Any]) -> None:
    chains = ("ours", "empty")
    rows = [["CPU a notification", *chains]]
    rows += [[name, *(f"{result[chain]['processor_ms'][name]} ms" for chain in chains)] for name in FUNCTIONS]
    rows.append(["notifications/s", *(str(result[chain]["notifications_per_second"]) for chain in chains)])
    print("\n".join(["", *table(rows)]))


def _print_transaction_files(result: dict[str, Any]) -> None:
    rows: list[list[object]] = [["rows a CPU second", "ours", "naive", "ratio"]]
    for part, name in (("parse", "parse and validate"), ("whole", "S3 to DynamoDB")):
        for format_, rates in result[part].items():
            rows.append([f"{name}, {format_}", rates["ours"], rates["naive"], rates["ratio"]])
    print("\n".join(["", *table(rows)]))
    rows = [["peak memory", *MEMORY_SIZES]]
    rows += [[format_, *(f"{peak} MB" for peak in peaks.values())] for format_, peaks in result["peak_mb"].items()]
    print("\n".join(["", *table(rows)]))
    print("memory: the file is made as it is read, and the table is one in the process that keeps nothing")
    rows = [[f"{WALL_BYTES // 10**6} MB of csv", "wall time"]]
    rows += [[functions, f"{seconds} s"] for functions, seconds in result["wall_s"].items()]
    print("\n".join(["", *table(rows)]))
    print("wall time: on the emulator, which stores the rows of all functions in one process")


def _print_csv_upload(result: dict[str, Any]) -> None:
    systems = ("csv-upload", "transaction-files")
    rows = [[f"{result['rows']:,} rows of csv", *systems], ["rows/s", *(str(result[name]) for name in systems)]]
    print("\n".join(["", *table(rows)]))


def goals_of_transaction_files(result: dict[str, Any]) -> list[bool]:
    parse, whole = (min(rates["ratio"] for rates in result[part].values()) for part in ("parse", "whole"))
    smallest, *_, largest = MEMORY_SIZES
    growth = max(round(peaks[largest] / peaks[smallest], 2) for peaks in result["peak_mb"].values())
    most = max(peaks[largest] for peaks in result["peak_mb"].values())
    name = "transaction-files"
    return [
        _goal(
            f"{name}: parses and validates {parse} times the naive processor's rows", parse >= PARSE_GOAL, PARSE_GOAL
        ),
        _goal(f"{name}: stores {whole} times the naive processor's rows", whole >= WHOLE_GOAL, WHOLE_GOAL),
        _goal(f"{name}: {growth} times the memory for {largest}", growth <= MEMORY_GOAL, MEMORY_GOAL),
        _goal(f"{name}: {most} MB for {largest}", most < MEMORY_GOAL_MB, MEMORY_GOAL_MB),
    ]


def _latency(milliseconds: dict[str, float]) -> list[str]:
    return [f"{milliseconds[share]} ms" for share in ("p50", "p99")]
