"""The desk's one server: access in front of everything; behind it console, REST, events, MCP and metrics."""
