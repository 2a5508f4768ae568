"""Backups of a profile: everything its desk needs in one verified archive, and the way back. No secret is in it."""
