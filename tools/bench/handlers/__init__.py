"""Functions that the benchmarks put beside ours. Each is one file, which is all that its package holds."""
