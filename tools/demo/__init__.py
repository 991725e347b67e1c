"""The demonstration: real input through an applied environment, and an account of what became of all of it."""
