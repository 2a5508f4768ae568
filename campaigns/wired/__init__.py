"""The guard behind a real wire: its gateway, HTTP and WebSocket bytes, and the exchange's own server, in one process.

    loop      asyncio on the campaign's clock: waiting takes no time
    pipe      a connection made of memory
    carrier   requests over it, in the place of the network
    line      the account's stream over it, without its thread
    bad_luck  fault scripts drawn from a seed
    world     the simulated world with all this between guard and engine
    played    the campaigns

What it found: a venue that refused even the question for its time hung the guard on a lock of its own.
"""
