"""The same strategy once more, through the real exchange and the production guard: event by event, trade by trade."""
