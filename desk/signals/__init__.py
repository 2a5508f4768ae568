"""Weighted signals: each indicator votes with a written weight, and the sum speaks only from a written threshold."""
