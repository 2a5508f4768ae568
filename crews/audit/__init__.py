"""Decisions read again: why, bit for bit the same, and what would have been without an agent."""
