"""The AWS side that systems share: clients, tables, queues. Each class takes its client."""
