"""What the agents may touch: typed tools over one frozen snapshot.

Every tool but one only reads. `propose_order` is the single tool with a side effect; it belongs to no agent by
default, takes one opaque string, and can only ask the guard.
"""
