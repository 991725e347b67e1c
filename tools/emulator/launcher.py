"""The program that runs in the emulator's own Python environment: close the gaps, then serve.

    python -m tools.emulator.launcher <port> <temporary folder> <default account id> [<process to end with>]

A person types `pipelines emulator start`, which calls this one. SIGTERM stops it, and with it the function workers, the
temporary folder and the state file beside it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from tools.errors import Failure


def settings(port: str, temporary: Path, account_id: str) -> dict[str, str]:
    """The environment variables that ministack reads when it is imported, and that its function workers inherit."""
    return {
        "AUTH": "true",  # IAM is enforced
        "AWS_EC2_METADATA_DISABLED": "true",
        "BIND_HOST": "127.0.0.1",
        "DOCKER_HOST": "unix:///nonexistent",  # never this machine's containers: functions run as processes
        "GATEWAY_PORT": port,
        "IOT_MTLS_ENABLED": "0",  # it would take port 8883
        "MINISTACK_ACCOUNT_ID": account_id,
        "S3_DATA_DIR": str(temporary / "s3"),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(temporary / "state"),
    }


def main(arguments: list[str]) -> int:
    """Serve until the process is asked to end. Returns 1 when a patch does not fit the installed emulator."""
    port, temporary, account_id = arguments[:3]
    os.environ.update(settings(port, Path(temporary), account_id))
    if len(arguments) > 3:
        _end_with(int(arguments[3]))

    from tools.emulator import patches

    try:
        for name in patches.apply_all():
            print(f"patch: {name}", flush=True)
    except Failure as failure:
        print(failure, file=sys.stderr, flush=True)
        return failure.status

    from ministack.core import lambda_runtime

    from tools.emulator import server

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.serve(int(port))
    finally:
        lambda_runtime.reset()
        shutil.rmtree(temporary, ignore_errors=True)
        Path(temporary).with_suffix(".json").unlink(missing_ok=True)
    return 0


def _end_with(caller: int) -> None:
    def watch() -> None:
        while os.getppid() == caller:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="end-with-caller").start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
