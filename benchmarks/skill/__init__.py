"""Is there skill? Each specialist against labels written down first, with intervals and naive rules beside it."""
