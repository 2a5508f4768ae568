"""Steps four to seven: what code makes of the answers, and the one intent that follows."""
