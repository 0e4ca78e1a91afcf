"""Runs one base model with and without adapters. Torch loads only when a model is needed."""
