"""One file for each revision of the ledger's tables, in the order of their numbers."""
