"""The desk beside its peers, side by side on this machine: their own code, in their own locked environments."""
