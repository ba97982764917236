"""syncd as it is wired, for days of virtual time, in a world that is as bad as the real one."""
