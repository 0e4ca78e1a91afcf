"""From somebody's own rows to a verdict: prompts, a classic classifier or an adapter, measured."""
