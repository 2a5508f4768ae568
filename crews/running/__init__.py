"""A run from start to end: what it needs, how time passes, who may decide, and how it leaves."""
