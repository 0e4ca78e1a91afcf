"""Trains LoRA adapters on labelled rows, and prepares the rows from published data."""
