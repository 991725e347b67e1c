"""ListObjectVersions writes keys URL-encoded when asked to.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html (`encoding-type`)

ministack ignores it. A client that decodes the response (Terraform, boto3) then sees another key if one has a `+` or a
`%`, and emptying a bucket never ends.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree

from ministack.services import s3

from tools.emulator import places

RESTORES: Final = (
    "S3: `ListObjectVersions` honours `encoding-type=url` (else emptying a bucket hangs on a key with `+`)"
)

_ENCODED: Final = ("Delimiter", "Key", "KeyMarker", "NextKeyMarker", "Prefix")


def apply() -> None:
    list_versions = places.take(s3, "_list_object_versions", "2a656b63124a")

    def list_versions_encoded(bucket_name: str, query: dict[str, Any]) -> Any:
        status, headers, body = list_versions(bucket_name, query)
        if status != 200 or s3._qp(query, "encoding-type", "") != "url":
            return status, headers, body
        root = ElementTree.fromstring(body)  # noqa: S314 -- ministack's own answer
        space = root.tag.removesuffix("ListVersionsResult")
        for element in root.iter():
            if element.tag.removeprefix(space) in _ENCODED and element.text:
                element.text = quote(element.text, safe="/-_.~*")
        ElementTree.SubElement(root, f"{space}EncodingType").text = "url"
        ElementTree.register_namespace("", space.strip("{}"))
        return status, headers, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)

    places.put(s3, "_list_object_versions", list_versions_encoded)
