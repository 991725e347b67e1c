"""Developer tools: what `make` and the console script `pipelines` run."""
