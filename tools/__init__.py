"""Developer tooling: what stands behind `make` and the console script `pipelines`."""
