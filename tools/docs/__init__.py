"""Documentation that is made from what it describes: module tables, and which test proves which requirement."""
