"""The whole crew in one process: real CrewAI, tools, prompts and rules before the production guard and engine.

    market    the invented market as a crew reads it
    office    one desk, and everything that was said in it
    spoiled   a hostile model whose answers are broken      outputs   what then trades
    injected  the matrix of goals, ways in and wrappings
    poisoned  days on which one source lies
    endless   models that never end or cost everything

What it found: one source could crowd out and outshout the bad news of another, and so make a trade larger.
"""
