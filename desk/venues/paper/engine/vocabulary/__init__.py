"""The words of the venue: contracts, orders, events, views and refusals, all frozen."""
