"""The commands: thin, one file per noun."""
