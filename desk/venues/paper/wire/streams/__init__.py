"""What the venue tells without being asked: subscriptions, market streams, private events, and slow readers."""
