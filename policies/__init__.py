"""Our checkov rules, and what they read a configuration or a plan with."""
