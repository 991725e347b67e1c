"""The benchmark: what the functions cost beside empty ones, measured in the same run."""
