"""One rule in each file; its name states the good state."""
