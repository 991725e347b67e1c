"""What CSV uploads do, free of AWS."""
