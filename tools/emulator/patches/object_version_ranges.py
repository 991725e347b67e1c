"""GetObject returns a range of a version, as of the current object.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (`Range`, `versionId`)

ministack ignores `Range` when the request names a version, and answers 200 with the whole object.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import s3

from tools.emulator import places

RESTORES: Final = "S3: `Range` of a version (else the answer is the whole object)"

# The checksum is that of the whole object: AWS sends none with a range.
_NOT_OF_A_RANGE: Final = frozenset({"range", "x-amz-checksum-mode"})


def apply() -> None:
    get = places.take(s3, "_get_object", "64ad7071ef0e")

    def get_range(bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None) -> Any:
        wanted = headers.get("range", "")
        if not wanted or not s3._qp(query or {}, "versionId", ""):
            return get(bucket, key, headers, query)
        without = {name: value for name, value in headers.items() if name not in _NOT_OF_A_RANGE}
        status, answered, body = get(bucket, key, without, query)
        if status != 200:
            return status, answered, body
        found = s3._parse_range(wanted, len(body))
        if found is None:
            refused = {"Content-Type": "application/xml", "Content-Range": f"bytes */{len(body)}"}
            return 416, refused, s3._xml_body(s3._range_error_xml(bucket, key))
        start, end = found
        answered["Content-Length"] = str(end + 1 - start)
        answered["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
        return 206, answered, body[start : end + 1]

    places.put(s3, "_get_object", get_range)
