"""Content-addressed releases of the functions (PLT-25)."""
