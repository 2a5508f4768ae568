"""The WebSocket API: requests and answers over one connection."""
