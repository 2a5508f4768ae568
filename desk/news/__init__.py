"""Headlines turned into enums and bounded numbers. Nothing a headline says can leave this package as text."""
