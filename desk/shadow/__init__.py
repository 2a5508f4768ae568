"""Shadow desks: the same account on paper, kept by those who do not think. What the crew adds is its lead."""
