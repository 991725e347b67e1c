"""Stands in for a launcher whose patch does not find its place."""

import sys

print("patch: alarms", flush=True)
print("error: the patch api_keys does not fit ministack 9.9.9\n  where: there\n  do: that", file=sys.stderr)
sys.exit(1)
