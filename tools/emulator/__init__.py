"""The AWS emulator that the product runs on where there is no account: start it, find it, speak to it."""
