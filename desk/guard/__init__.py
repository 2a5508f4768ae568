"""The guard: what may reach the venue. A pure state machine in its own process, outside every model.

Agents propose, the guard disposes. Everything it decides is in its journal before anything leaves for the venue; what
it cannot read, prove or reach it refuses. It imports no model, no data frame and no console, so that it starts in a
blink after any crash.
"""
