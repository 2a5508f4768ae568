"""Orders and conditional orders over REST: read, judged, shown."""
