"""The desk the crew sits at: deterministic, typed, and complete without any model.

Everything here would trade correctly, and refuse correctly, if every agent were deleted.
Read `desk.domain.errors`, then `desk.ports`, then `desk.guard`.
"""
