"""Bad luck on purpose: a seeded script that lets the paper exchange fail as the real one has failed.

    script   what the operator writes          kinds    every fault there is, and when it strikes
    log      what happened, itself a script    trial    one rule of the script at work
    faults   the room's front: asks the rules, keeps the log, changes the world
    answers  what becomes of a request         pages    Binance's words for it, and those of the machines in front
    streams  what becomes of a message         world    clock, market, stops
    admin    the endpoint that swaps the script while the venue runs

The exchange without a script does not import this package's work and asks one `is None` a request.
"""
