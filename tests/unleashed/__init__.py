"""The Unleashed client against the emulated Unleashed, and against servers that answer anything."""
