"""One module for each notification format. It recognises a document of its format, and reads it.

`stripe_events`, `adyen_events` and `paypal_events` are tables, and `building` is what the modules have in common.
"""
