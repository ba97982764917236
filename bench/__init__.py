"""What syncd costs: counted calls, wall time and memory, measured on the real command over real sockets."""
