"""Business context from versioned rules. `rules.json` holds the rules, this package reads and applies them."""
