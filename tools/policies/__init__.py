"""The policy gate: checkov over the source with every rule accounted for, and our rules over plans."""
