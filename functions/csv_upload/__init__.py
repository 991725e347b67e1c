"""CSV uploads: an API takes files, a workflow checks and stores their rows, and tells who waits for them."""
