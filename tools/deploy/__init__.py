"""Running Terragrunt over an environment: the real one where there is one, else the stand-in."""
