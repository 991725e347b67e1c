"""Documentation that is generated from what it describes, and the check that refuses a stale page."""
