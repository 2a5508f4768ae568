"""Years of recorded market on this disk: downloaded, verified, kept by month, and honest about what is missing.

`kinds` says what is recorded, `periods` of which days and months; `vision` knows Binance Vision's addresses and files,
`rows` reads one of them strictly. `store` keeps it all as Parquet. `download`, `topup` and `folder` fill the store,
`inventory` and `check` tell what it holds and what of it to doubt.
"""
