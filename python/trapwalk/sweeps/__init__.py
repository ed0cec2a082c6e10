"""Sweeps: many points of one study, in parallel, each computed once and kept."""
