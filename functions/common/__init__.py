"""What every system's functions share. Only `functions.common.aws` knows AWS."""
