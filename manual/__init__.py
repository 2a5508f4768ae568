"""The manual's site: reference pages made from the code as it is, and every page under docs in its place."""
