"""Which market this is: bull, bear, sideways or volatile, as probabilities with the evidence that moved them."""
