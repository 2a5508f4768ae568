"""What the desk may do at most: limits that only tighten, hours, symbols and the filters of the venue."""
