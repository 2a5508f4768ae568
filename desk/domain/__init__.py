"""The words of the trade as frozen values: orders, positions, marks, intents, money, errors. No I/O, no clock."""
