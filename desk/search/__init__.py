"""The search for settings: many processes and machines at one study; every try counts, the last bars are not seen."""
