"""One module for each notification format. Each tells whether a document is of its format, and reads it."""
