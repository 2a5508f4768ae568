"""The judge at the exchange's door: own limits file, exact fractions, and nothing of the guard's.

It is told what passes the door: every request as it leaves the desk, every price, every view of the account that was
handed out. It is never told what the guard thinks, but for the latch, which the guard shows to everybody.
"""
