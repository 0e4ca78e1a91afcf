"""Measures conditions on rows with known answers, and says how sure the figures are."""
