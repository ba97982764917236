"""The shops and tills: each file talks to one kind of store, and none of them knows another."""
