"""What prices and time do by themselves: the way of a quote, the mark, funding, delivery."""
