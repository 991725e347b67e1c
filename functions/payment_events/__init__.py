"""Payment notifications of several providers: validated, standardised, enriched, and audited at every stage."""
