"""Indicators of one candle series: the textbook numbers, computed once, and None where history is too short to know."""
