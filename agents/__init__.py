"""Who sits at the desk: a master and five specialists, each with a typed report, default tools and offline rules.

Nothing here knows CrewAI. A specialist is its report model, the tools it may ask for, and the written rules that the
offline model follows in its place.
"""
