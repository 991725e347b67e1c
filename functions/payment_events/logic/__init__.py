"""What a payment event is, and what is done with it. Uses neither AWS nor Powertools."""
