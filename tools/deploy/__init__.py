"""Running Terragrunt over an environment: the real one if it is installed, else the stand-in."""
