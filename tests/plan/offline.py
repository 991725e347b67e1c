"""The AWS provider without AWS: fixed credentials, no look-ups, and a local server for the one call that it makes."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PROVIDER = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "offline"
  secret_key                  = "offline"
  max_retries                 = 1
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {
    sfn = "http://127.0.0.1:PORT"
  }
}
"""


class StepFunctions:
    """A local server for ValidateStateMachineDefinition, which the provider calls when a plan knows the definition.

    It accepts every definition: the tests on the emulator show whether it runs. Source of the call:
    hashicorp/terraform-provider-aws, internal/service/sfn/state_machine.go.
    """

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def provider(self) -> str:
        """The provider's configuration as HCL."""
        return _PROVIDER.replace("PORT", str(self._server.server_port))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = self.headers.get("X-Amz-Target", "") == "AWSStepFunctions.ValidateStateMachineDefinition"
        body = json.dumps({"result": "OK", "diagnostics": []} if known else {"__type": "UnknownOperationException"})
        self.send_response(200 if known else 400)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing, because stderr belongs to the tests."""
