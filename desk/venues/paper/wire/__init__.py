"""Binance USD-M futures' wire protocol as of late 2026 around the paper exchange: REST, streams, signatures, limits."""
