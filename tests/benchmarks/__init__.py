"""Timings, each with its peer, printed as ratios: `make bench`. Never assertions."""
