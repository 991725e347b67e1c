"""What replaces the Terragrunt binary where it is not installed, for the emulator only."""
