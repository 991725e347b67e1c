"""What a payment event is and what becomes of it. Knows neither AWS nor Powertools."""
