"""A trial as one page for people: it needs no network, follows the reader's theme, and says what is not known."""
