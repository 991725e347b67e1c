"""A secret that was made without a value has none: asking for it is `ResourceNotFoundException`.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html (no version is made)
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html

ministack makes a version without content, and answers with it.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core.responses import json_response
from ministack.services import secretsmanager

from tools.emulator import places

RESTORES: Final = "Secrets Manager: a secret created without a value has no version (else its value is read as empty)"


def apply() -> None:
    create = places.take(secretsmanager, "_create_secret", "d3de7fac76ba")

    def create_without_version(data: dict[str, Any]) -> Any:
        answer = create(data)
        if answer[0] != 200 or "SecretString" in data or "SecretBinary" in data:
            return answer
        secretsmanager._secrets[data["Name"]]["Versions"].clear()
        return json_response({name: value for name, value in json.loads(answer[2]).items() if name != "VersionId"})

    places.put(secretsmanager, "_create_secret", create_without_version)
