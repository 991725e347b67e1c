"""Operating what is deployed: sending, looking, and redriving dead letters."""
