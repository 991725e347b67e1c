"""What webhooks mean: no AWS, no Powertools, so all of it runs in a test as it is."""
