"""Certificates as files: written by a person's command, signed, and believed by the guard only with that signature."""
