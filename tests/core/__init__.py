"""The decisions, tried with records."""
