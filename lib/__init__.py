"""Prompt or Tune: everything behind the pages.

Arrows between the packages never point back: pages, then `lib.ui`, then the domain packages
(`content`, `inference`, `evaluation`, `training`), then libraries.
"""
