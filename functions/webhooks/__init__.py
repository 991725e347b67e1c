"""Financial webhooks: received, recorded once, and routed to a queue by their type (WHK)."""
