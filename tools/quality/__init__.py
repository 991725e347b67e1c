"""What a change must pass: `make lint` on the way, `make test` before it lands."""
