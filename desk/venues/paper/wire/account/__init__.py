"""What an account is told of itself over REST, and what it may choose."""
