"""What webhooks mean. Uses neither AWS nor Powertools, so a test runs all of it unchanged."""
