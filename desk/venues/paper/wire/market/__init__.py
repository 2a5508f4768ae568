"""What the market shows to anybody: read in one place, written as rows, answered over REST without a key."""
