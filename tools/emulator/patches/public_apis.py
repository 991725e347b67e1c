"""An API's address reaches it whoever calls: its id is unique in a region, and a request needs no credentials.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html

ministack looks for the API in the account that the request is signed for, so that a sender without credentials finds
those of the default account only.
"""

from __future__ import annotations

from typing import Final

from ministack.services import apigateway_v1

from tools.emulator import places

RESTORES: Final = "API Gateway: a REST API is reached without credentials, in whatever account it is"


def apply() -> None:
    places.take(apigateway_v1, "find_api_scope", "19d66149ae1d")

    def find_in_all_accounts(api_id: str) -> tuple[str, str] | None:
        found = (place[:2] for place, _ in apigateway_v1._rest_apis.all_items() if place[2] == api_id)
        return next(found, None)

    places.put(apigateway_v1, "find_api_scope", find_in_all_accounts)
