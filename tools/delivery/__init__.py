"""Delivery: what a plan does, said for those who approve it, and the approved plan applied (PLT-50)."""
