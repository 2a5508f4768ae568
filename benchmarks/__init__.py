"""Figures, and where they come from: each number in README and docs is written by a script in this folder."""
