"""What the venue lists: contracts as data, read when first asked for; any other from a file, or from its price."""
