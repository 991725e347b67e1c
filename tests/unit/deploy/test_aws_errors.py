"""With credentials that are missing, ended, wrong or another account's, every command says so and does nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore import exceptions
from botocore.exceptions import ClientError

from tools import cli
from tools.deploy.aws_errors import explain
from tools.errors import FAILED, WRONG_INPUT
from tools.livetree.settings import load

COMMANDS = [
    "env bootstrap --env dev",
    "env outputs --target aws",
    "env plan --target aws",
    "system redrive payment-events --target aws",
    "system rotate-secret webhooks --target aws",
    "system send payment-events README.md --target aws",
    "system status --target aws",
    "system status webhooks --target aws",
    "system trace webhooks evt-1 --target aws",
]
IDENTITY = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Account>{account}</Account><Arn>arn:aws:iam::{account}:user/somebody</Arn><UserId>AIDA</UserId>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""
ERROR = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{code}</Code>
<Message>The request is not valid</Message></Error></ErrorResponse>"""
LOGGED_OUT = """[profile work]
sso_session = company
sso_account_id = 111111111111
sso_role_name = Operator
[sso-session company]
sso_region = us-east-1
sso_start_url = https://company.awsapps.com/start
"""


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A person without any credentials, and no machine around that would have some."""
    for name in ("PROFILE", "DEFAULT_PROFILE", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "ENDPOINT_URL"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


@contextmanager
def sts(status: int, body: str) -> Iterator[str]:
    """STS, giving one answer to everybody."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def with_keys(somebody: pytest.MonkeyPatch, endpoint: str) -> None:
    somebody.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    somebody.setenv("AWS_SECRET_ACCESS_KEY", "kept-to-ourselves")
    somebody.setenv("AWS_ENDPOINT_URL_STS", endpoint)
    somebody.setenv("AWS_MAX_ATTEMPTS", "1")


def said(capsys: pytest.CaptureFixture[str], command: str, status: int = WRONG_INPUT) -> str:
    """What a command says on standard error: three parts, and no secret in them."""
    assert cli.main(command.split()) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(":")[0] for line in err.splitlines()] == ["error", "  where", "  do"], err
    assert "kept-to-ourselves" not in err
    assert "AKIA" not in err
    return err


@pytest.mark.parametrize("command", COMMANDS)
def test_without_credentials_every_command_for_aws_says_so(capsys: pytest.CaptureFixture[str], command: str) -> None:
    text = said(capsys, command)
    assert "there are no AWS credentials" in text
    assert "AWS_PROFILE" in text
    assert "aws sso login" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_with_credentials_of_another_account_every_command_for_aws_stops(
    somebody: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    with sts(200, IDENTITY.format(account="999999999999")) as endpoint:
        with_keys(somebody, endpoint)
        text = said(capsys, command)
    assert "of account 999999999999" in text
    assert load("dev").account_id in text
    assert "live/dev/environment.yaml" in text


@pytest.mark.parametrize(
    ("code", "status", "part"),
    [
        ("ExpiredToken", WRONG_INPUT, "have expired"),
        ("InvalidClientTokenId", WRONG_INPUT, "does not accept the credentials"),
        ("SignatureDoesNotMatch", WRONG_INPUT, "does not accept the credentials"),
        ("RequestTimeTooSkewed", WRONG_INPUT, "clock"),
        ("AccessDenied", FAILED, "do not permit it (GetCallerIdentity"),
        ("OptInRequired", WRONG_INPUT, "region"),
        ("Throttling", FAILED, "again in a minute"),
    ],
)
def test_what_aws_refuses_is_told_by_its_kind(
    somebody: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: str, status: int, part: str
) -> None:
    with sts(403, ERROR.format(code=code)) as endpoint:
        with_keys(somebody, endpoint)
        assert part in said(capsys, "system status payment-events --target aws", status)


def test_an_aws_out_of_reach_is_told(somebody: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with_keys(somebody, "http://127.0.0.1:1")
    assert "no answer came" in said(capsys, "system status payment-events --target aws", FAILED)


def test_half_a_key_is_told(somebody: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    somebody.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    assert "AWS_SECRET_ACCESS_KEY" in said(capsys, "system status payment-events --target aws")


def test_a_profile_that_does_not_exist_is_told(
    somebody: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    somebody.setenv("AWS_PROFILE", "nobody")
    text = said(capsys, "system status payment-events --target aws")
    assert "the AWS profile nobody" in text
    assert "aws configure list-profiles" in text


def test_a_login_that_has_ended_is_told(
    somebody: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(LOGGED_OUT)
    somebody.setenv("AWS_PROFILE", "work")
    text = said(capsys, "system status payment-events --target aws")
    assert "the AWS login has ended" in text
    assert "aws sso login" in text


def test_a_configuration_that_cannot_be_read_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile work\nregion")
    assert "the AWS configuration cannot be used" in said(capsys, "system status payment-events --target aws")


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (exceptions.NoRegionError(), "no usable AWS region"),
        (exceptions.SSLError(endpoint_url="https://sqs", error=OSError("self-signed")), "no answer came"),
        (exceptions.ProxyConnectionError(proxy_url="http://proxy", error=OSError("refused")), "no answer came"),
        (ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "Query"), "not there any more (Query"),
    ],
)
def test_what_happens_in_the_middle_of_a_command_is_told_too(error: Exception, part: str) -> None:
    failure = explain(error)
    assert failure is not None
    assert part in failure.problem


def test_an_upload_that_is_refused_is_told_by_what_refused_it() -> None:
    try:
        try:
            raise ClientError({"Error": {"Code": "ExpiredToken"}}, "PutObject")
        except ClientError:
            raise S3UploadFailedError("Failed to upload")  # noqa: B904 -- as boto3 does
    except S3UploadFailedError as error:
        failure = explain(error)
    assert failure is not None
    assert "have expired (PutObject" in failure.problem


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ValidationException", "Message": "no such index"}}, "Query"),
        exceptions.ParamValidationError(report="Missing required parameter"),
        KeyError("dead_letters"),
    ],
)
def test_a_bug_of_ours_is_left_to_its_traceback(error: Exception) -> None:
    assert explain(error) is None
