"""The AWS side of payment events."""
