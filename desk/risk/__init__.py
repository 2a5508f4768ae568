"""The state of the account in numbers and reason codes. It advises; only the guard decides."""
