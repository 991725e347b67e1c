"""The AWS emulator, on which the product runs without an account: start it, find it, use it."""
