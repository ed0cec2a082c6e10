"""Runs of the `trapwalk` command: its options, its process, how far it is."""
