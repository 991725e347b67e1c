"""What a transaction file is and what becomes of its records. Knows neither AWS nor Powertools."""
