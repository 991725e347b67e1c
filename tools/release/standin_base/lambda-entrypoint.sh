#!/bin/sh
# Starts Lambda's runtime interface client with the one argument that a function's image gives, its handler.
set -e
[ $# -eq 1 ] || { echo "entrypoint requires the handler name to be the first argument" >&2; exit 142; }
[ -n "$AWS_LAMBDA_RUNTIME_API" ] || { echo "AWS_LAMBDA_RUNTIME_API is not set: this stand-in has no runtime interface emulator" >&2; exit 142; }
export _HANDLER="$1" PYTHONPATH="$LAMBDA_TASK_ROOT:$LAMBDA_RUNTIME_DIR"
exec python3 -m awslambdaric "$1"
