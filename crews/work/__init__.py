"""Steps two and three: agents at their tasks, each with its tools, its deadline and its own failure."""
