"""What a policy learns from: every figure an agent sees, as one named and versioned vector."""
