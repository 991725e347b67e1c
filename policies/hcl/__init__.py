"""Reads Terraform's language exactly enough to judge it: syntax, evaluation, the tree of modules."""
