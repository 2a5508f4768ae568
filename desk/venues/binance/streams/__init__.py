"""What Binance sends by itself: the account's own events and the market's, each on a thread of its own.

A stream is quick and may be silent without a word. So it only ever says "look now" or fills a cache whose age is known;
what the desk decides on is read over REST, or is provably whole. `line` keeps a socket open; `user_stream`,
`market_stream` (a few symbols, whole) and `watch_stream` (many, a little of each) listen on one.
"""
