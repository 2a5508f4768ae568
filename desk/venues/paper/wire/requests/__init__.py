"""What a request must say and prove before anybody answers it, and how many of them there may be."""
