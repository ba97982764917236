"""The halves that meet in the state: each talks to one remote system, or to none."""
