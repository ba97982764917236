"""What to write, whom to link, how many calls to spend: decided here, from records, without I/O."""
