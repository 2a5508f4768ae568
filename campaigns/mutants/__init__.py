"""Faults planted in the guard, one at a time, in a copy of the tree: campaigns that cannot fail prove nothing."""
