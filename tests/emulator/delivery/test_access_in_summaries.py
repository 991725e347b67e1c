"""Who could do more after a pull request, in each of the ways to say so: on plans that Terraform made."""

from __future__ import annotations

import zipfile

import pytest

from tests.emulator.delivery.conftest import Unit, apply
from tools.delivery.attention import Rank, findings
from tools.delivery.changes import UnitPlan
from tools.delivery.planning import Planned
from tools.delivery.summary import summary
from tools.emulator import control

RESOURCES = """
locals {
  own     = "arn:aws:iam::${var.context.account_id}:root"
  lambda  = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  another = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "222222222222" }, Action = "sts:AssumeRole" }]
  })
}

data "aws_iam_policy_document" "base" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:us-east-1:111111111111:payments"]
  }
}

data "aws_iam_policy_document" "merged" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]

  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::files/*"]
  }
}

resource "aws_iam_policy" "bound" {
  name   = "bound"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}

resource "aws_iam_role" "worker" {
  name                 = "worker"
  permissions_boundary = aws_iam_policy.bound.arn
  assume_role_policy   = local.lambda
}

resource "aws_iam_role_policy" "worker" {
  name   = "worker"
  role   = aws_iam_role.worker.name
  policy = data.aws_iam_policy_document.merged.json
}

resource "aws_iam_role" "deployer" {
  name               = "deployer"
  assume_role_policy = local.lambda
}

resource "aws_s3_bucket" "files" {
  bucket = "files-${var.context.account_id}"
}

resource "aws_s3_bucket_public_access_block" "files" {
  bucket                  = aws_s3_bucket.files.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "files" {
  bucket = aws_s3_bucket.files.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "files" {
  bucket = aws_s3_bucket.files.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect = "Allow", Principal = { AWS = local.own }, Action = "s3:GetObject"
      Resource = "${aws_s3_bucket.files.arn}/*"
    }]
  })
}

resource "aws_sqs_queue" "payments" {
  name              = "payments"
  kms_master_key_id = aws_kms_key.data.id
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = local.own }, Action = "sns:Publish", Resource = "*" }]
  })
}

resource "aws_kms_key" "data" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = local.own }, Action = "kms:*", Resource = "*" }]
  })
}

resource "aws_lambda_function" "router" {
  function_name = "router"
  role          = aws_iam_role.worker.arn
  runtime       = "python3.11"
  handler       = "index.handler"
  filename      = "ZIP"
}

resource "aws_api_gateway_rest_api" "api" {
  name = "api"
}

resource "aws_api_gateway_method" "post" {
  rest_api_id      = aws_api_gateway_rest_api.api.id
  resource_id      = aws_api_gateway_rest_api.api.root_resource_id
  http_method      = "POST"
  authorization    = "NONE"
  api_key_required = true
}
"""

MORE = """
resource "aws_iam_role_policy_attachment" "administrator" {
  role       = aws_iam_role.deployer.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_sqs_queue_policy" "payments" {
  queue_url = aws_sqs_queue.payments.url
  policy    = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect = "Allow", Principal = { AWS = "arn:aws:iam::222222222222:root" }, Action = "sqs:SendMessage"
      Resource = "*"
    }]
  })
}

resource "aws_lambda_function_url" "router" {
  function_name      = aws_lambda_function.router.function_name
  authorization_type = "NONE"
}

resource "aws_lambda_permission" "everybody" {
  function_name = aws_lambda_function.router.function_name
  action        = "lambda:InvokeFunction"
  principal     = "*"
}

resource "aws_lambda_permission" "any_bucket" {
  function_name = aws_lambda_function.router.function_name
  action        = "lambda:InvokeFunction"
  principal     = "s3.amazonaws.com"
}

resource "aws_lambda_permission" "another_account" {
  function_name = aws_lambda_function.router.function_name
  action        = "lambda:InvokeFunction"
  principal     = "222222222222"
}

resource "aws_api_gateway_method" "get" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_rest_api.api.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_iam_role" "ci" {
  name               = "ci"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "${replace(local.own, "root", "oidc-provider")}/token.actions.githubusercontent.com" }
      Condition = { StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" } }
    }]
  })
}

resource "aws_iam_role_policy" "ci" {
  name   = "ci"
  role   = aws_iam_role.ci.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = aws_kms_key.new.arn }]
  })
}

resource "aws_kms_key" "new" {}

resource "aws_iam_user" "robot" {
  name = "robot"
}
"""

OWN = "AWS = local.own"
# What a pull request writes in the place of what, and what the summary says: rank, resource, sentence.
CHANGES = {
    "widens a merged policy document": (
        '    actions   = ["sqs:SendMessage"]\n',
        '    actions   = ["sqs:SendMessage", "sqs:DeleteQueue"]\n',
        (
            Rank.WIDER,
            "aws_iam_role_policy.worker",
            "policy allows more: sqs:DeleteQueue on arn:aws:sqs:us-east-1:111111111111:payments",
        ),
    ),
    "takes a boundary off": (
        "  permissions_boundary = aws_iam_policy.bound.arn\n",
        "",
        (
            Rank.UNPROTECTED,
            "aws_iam_role.worker",
            "its permissions boundary arn:aws:iam::ACCOUNT:policy/bound is taken off",
        ),
    ),
    "lets another account become a role": (
        'name               = "deployer"\n  assume_role_policy = local.lambda',
        'name               = "deployer"\n  assume_role_policy = local.another',
        (Rank.WIDER, "aws_iam_role.deployer", "assume_role_policy allows more: sts:AssumeRole to AWS 222222222222"),
    ),
    "widens a managed policy": (
        'Action = "sqs:*", Resource = "*" }] })\n}\n\nresource "aws_iam_role" "worker"',
        'Action = "*", Resource = "*" }] })\n}\n\nresource "aws_iam_role" "worker"',
        (Rank.WIDER, "aws_iam_policy.bound", "policy allows more: * on *"),
    ),
    "opens a bucket": (
        f'{{ {OWN} }}, Action = "s3:GetObject"',
        '"*", Action = "s3:GetObject"',
        (
            Rank.PUBLIC,
            "aws_s3_bucket_policy.files",
            "policy admits everybody: s3:GetObject on arn:aws:s3:::files-ACCOUNT/* to AWS *",
        ),
    ),
    "lets a bucket become public": (
        "  block_public_policy     = true",
        "  block_public_policy     = false",
        (
            Rank.PUBLIC,
            "aws_s3_bucket_public_access_block.files",
            "lets the bucket become public: block_public_policy is false",
        ),
    ),
    "keeps no versions": (
        'status = "Enabled"',
        'status = "Suspended"',
        (Rank.UNPROTECTED, "aws_s3_bucket_versioning.files", "versioning_configuration[0].status becomes Suspended"),
    ),
    "opens a topic": (
        f'{{ {OWN} }}, Action = "sns:Publish"',
        '{ AWS = ["*"] }, Action = "sns:Publish"',
        (Rank.PUBLIC, "aws_sns_topic_policy.alarms", "policy admits everybody: sns:Publish on * to AWS *"),
    ),
    "opens a key": (
        f'{{ {OWN} }}, Action = "kms:*"',
        '{ AWS = "*" }, Action = "kms:*"',
        (Rank.PUBLIC, "aws_kms_key.data", "policy admits everybody: kms:* on * to AWS *"),
    ),
    "encrypts a queue with no key of its own": (
        "  kms_master_key_id = aws_kms_key.data.id\n",
        "",
        (
            Rank.UNPROTECTED,
            "aws_sqs_queue.payments",
            "kms_master_key_id is taken away: what it keeps is not encrypted with its own key any more",
        ),
    ),
    "asks for no API key": (
        "  api_key_required = true\n",
        "  api_key_required = false\n",
        (
            Rank.PUBLIC,
            "aws_api_gateway_method.post",
            "everybody can call it: the API asks for no authorisation and no API key",
        ),
    ),
}
MADE = {
    "attaches a managed policy": (
        Rank.WIDER,
        "aws_iam_role_policy_attachment.administrator",
        "attaches the policy arn:aws:iam::aws:policy/AdministratorAccess",
    ),
    "lets another account send to a queue": (
        Rank.WIDER,
        "aws_sqs_queue_policy.payments",
        "policy lets another account in: sqs:SendMessage on * to AWS arn:aws:iam::222222222222:root",
    ),
    "gives a function an address": (
        Rank.PUBLIC,
        "aws_lambda_function_url.router",
        "everybody can call the function at its address: authorization_type is NONE",
    ),
    "lets everybody call a function": (
        Rank.PUBLIC,
        "aws_lambda_permission.everybody",
        "everybody may call the function: its principal is * and nothing binds it",
    ),
    "lets any bucket call a function": (
        Rank.PUBLIC,
        "aws_lambda_permission.any_bucket",
        "s3.amazonaws.com may call the function for anybody: no source_arn or source_account binds it",
    ),
    "lets another account call a function": (
        Rank.WIDER,
        "aws_lambda_permission.another_account",
        "lets another account use it: 222222222222",
    ),
    "adds a method that asks for nothing": (
        Rank.PUBLIC,
        "aws_api_gateway_method.get",
        "everybody can call it: the API asks for no authorisation and no API key",
    ),
    "trusts all of GitHub": (
        Rank.PUBLIC,
        "aws_iam_role.ci",
        "assume_role_policy admits everybody: sts:AssumeRoleWithWebIdentity to Federated "
        "arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com "
        "if token.actions.githubusercontent.com:aud fits",
    ),
    "grants what nobody knows yet": (
        Rank.WIDER,
        "aws_iam_role_policy.ci",
        "policy is known after the apply: look at its source",
    ),
    "makes a user": (Rank.WIDER, "aws_iam_user.robot", "is a new user"),
}
EXPECTED = {name: expected for name, (_, _, expected) in CHANGES.items()} | MADE


@pytest.fixture(scope="module")
def unit(tmp_path_factory: pytest.TempPathFactory, emulator: control.Emulator | None) -> Unit:
    archive = tmp_path_factory.mktemp("function") / "function.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("index.py", "def handler(event, context): ...\n")
    unit = apply(RESOURCES.replace("ZIP", str(archive)), tmp_path_factory, emulator)
    text = RESOURCES.replace("ZIP", str(archive))
    for old, new, _ in CHANGES.values():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    unit.write(text + MORE)
    return unit


@pytest.fixture(scope="module")
def pull_request(unit: Unit, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """One plan of all the changes."""
    planned = unit.plan(tmp_path_factory.mktemp("pull-request"))
    assert planned.plan.problem is None, planned.plan.problem
    return planned


@pytest.mark.requirement("PLT-50")
@pytest.mark.parametrize("name", EXPECTED)
def test_what_gives_access_is_at_the_top_with_a_sentence_that_says_how(
    pull_request: Planned, unit: Unit, name: str
) -> None:
    rank, address, what = EXPECTED[name]
    what = what.replace("ACCOUNT", unit.account_id)
    found = [(each.rank, each.what) for each in findings([pull_request.plan]) if each.address == address]
    assert (rank, what) in found
    # Alone in its pull request, it is what the summary begins with.
    entries = [entry for entry in pull_request.document["resource_changes"] if entry["address"] == address]
    alone = UnitPlan.of("us-east-1/webhooks/data", {**pull_request.document, "resource_changes": entries})
    head = summary("dev", [alone], "terminal").splitlines()[2:10]
    assert head[0] == "look at this first"
    assert any(what in line for line in head)
