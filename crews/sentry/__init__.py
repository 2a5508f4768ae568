"""The sentry looks several times a second at guard, record, machine and schedule, and posts what people should know.

It reads and asks; what it does by itself is one thing only, and only if configured: when a critical alert is not
acknowledged in time it asks the guard to be stricter. The guard needs no sentry to be safe.
"""
