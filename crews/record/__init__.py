"""Step eight: what a decision was, in the audit log and in the ledger."""
