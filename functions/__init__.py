"""The Python of the Lambda functions: one package per system, and what they share in `functions.common`."""
