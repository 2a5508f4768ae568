"""The one guarded way to a public page: checked before it is asked, bounded while it is read, kept for a while."""
