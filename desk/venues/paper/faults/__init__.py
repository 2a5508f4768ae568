"""Bad luck on purpose: a seeded script that lets the paper exchange fail as the real one has failed.

    script   what the operator writes            kinds     every fault there is
    when     the conditions of a rule            trial     one rule at work, with a die of its own
    faults   asks the rules, keeps the log       log       what struck, itself a script
    answers  what becomes of a request           pages     the words that come instead of an answer
    streams  what becomes of a message           memory    old answers, for reads that lag
    world    clock, market, stops, listen keys   admin     the script swapped while the venue runs
    plan     what a venue is started with        assembly  all of it put around a venue

An exchange without a script loads none of this and asks one `is None` a request.
"""
