"""From files to configurations: a unit's files are read, its expressions evaluated, its units put in order."""
