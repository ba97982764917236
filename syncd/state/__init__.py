"""Everything that must survive: tables, and small functions that return plain records."""
