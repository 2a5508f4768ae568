"""The floor as rows on a disk, and back without losing a digit."""
