"""The soak: the desk's gateway trades for thousands of cycles at an exchange that fails on purpose.

`trader` is the client: one cycle after the other, it sends once and on doubt only queries. What it knows stands in
`ledger`, from the gateway's reports alone; what the exchange knows is read in `truth`, from its engine alone; `verdict`
holds the two against each other. `bad_luck` is the fault script, `hosts` says where the exchange runs, `plants` are the
defects that a soak must catch, and `soak` is the run.
"""
