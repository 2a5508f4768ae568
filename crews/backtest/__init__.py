"""The crew on recorded market: what it would have decided, bar by bar, before the production guard and engine."""
