"""The program that runs in the emulator's own Python environment: close the gaps, then serve.

    python -m tools.emulator.launcher <port> <temporary folder> <default account id> [<process to end with>]

A person types `pipelines emulator start`, which calls this one. Ends on SIGTERM, and with it the function workers, the
temporary folder and the state file beside it.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Final

from tools.errors import Failure

# Longer than any client keeps an idle connection (Terraform's, 90 s): of the two, the client has to close it, because a
# request that crosses the server's close is lost.
_KEEP_ALIVE_S: Final = 3600


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

    try:
        _serve(int(port))
    finally:
        lambda_runtime.reset()
        shutil.rmtree(temporary, ignore_errors=True)
        Path(temporary).with_suffix(".json").unlink(missing_ok=True)
    return 0


def _serve(port: int) -> None:
    """Serve ministack's application with uvicorn: Hypercorn, which `ministack` starts, takes 1 ms more of each request.

    What ministack sets of its server is set here as well: no `Server` header, `Date` its own, all the files it may open
    (three for each function worker).
    """
    import uvicorn
    from ministack.app import app

    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        http="httptools",
        loop="asyncio",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
    )


def _end_with(caller: int) -> None:
    def watch() -> None:
        while os.getppid() == caller:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="end-with-caller").start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
