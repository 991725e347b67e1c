"""One module for each notification format, which tells whether a document is of its format and reads it.

`stripe_events` is a table that is read by one of them, `building` what they do alike.
"""
