"""Reads and checks what editors change without touching code."""
