"""The market at large: what the leaders do, what public sources say of it, and whether this is a time for risk."""
