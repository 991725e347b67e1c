"""The modules, broken in every way that the specification forbids: the rules must catch each break."""
