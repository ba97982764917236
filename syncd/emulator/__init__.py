"""Unleashed and the stores as small strict servers, for demos, tests and users' own tests.

Nothing here is imported from the rest of syncd: an emulator that shared our code would share our
misreadings of the vendors' documents.
"""
