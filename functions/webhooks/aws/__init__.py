"""The AWS side of webhooks. Each class takes its client."""
