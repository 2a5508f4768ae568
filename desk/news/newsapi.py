"""NewsAPI's `/v2/everything` as headlines: the newest pages of one query, by the operator's own key.

Source: newsapi.org/docs/endpoints/everything. The key travels in a header, to that host alone. A day's free allowance
is a hundred requests, which pages kept for an hour stay well below.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlencode

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from desk.domain.errors import DataError
from desk.domain.market import Headline
from desk.fetch.values import JSON, Ask
from desk.news.relevance import speaks_of_crypto
from desk.news.text import RAW_LIMIT, plain_text

ADDRESS = "https://newsapi.org/v2/everything"
PAGE_SIZE = 100


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Origin(_Part):
    name: str | None = None


class _Article(_Part):
    title: str | None = None
    publishedAt: AwareDatetime  # noqa: N815  NewsAPI's own spelling
    source: _Origin = _Origin()


class _Answer(_Part):
    status: Literal["ok"]
    articles: tuple[_Article, ...]


def newsapi_asks(query: str, pages: int, key: str, *, address: str = ADDRESS) -> tuple[Ask, ...]:
    """One request a page, the newest articles first."""
    headers: Mapping[str, str] = MappingProxyType({"X-Api-Key": key})
    terms = {"q": query, "language": "en", "sortBy": "publishedAt", "searchIn": "title", "pageSize": str(PAGE_SIZE)}
    return tuple(
        Ask(
            name=f"newsapi-{page}",
            url=f"{address}?{urlencode({**terms, 'page': str(page)})}",
            kinds=JSON,
            headers=headers,
        )
        for page in range(1, pages + 1)
    )


def newsapi_headlines(body: bytes) -> tuple[Headline, ...]:
    """The articles of one page that speak of crypto. Raises DataError when the answer is none."""
    try:
        articles = _Answer.model_validate_json(body).articles
    except ValidationError as error:
        raise DataError(f"NewsAPI answered what cannot be read: {error.errors()[0]['type']}") from None
    found = (_headline(article.title or "", article.publishedAt, article.source.name) for article in articles)
    return tuple(headline for headline in found if speaks_of_crypto(plain_text(headline.title).text))


def _headline(title: str, at: datetime, publisher: str | None) -> Headline:
    # "Title - Publisher" is how it writes most of them; the publisher is no part of the news.
    bare = title.removesuffix(f" - {publisher}") if publisher else title
    return Headline(at=at, source=f"newsapi:{(publisher or 'unnamed')[:60]}", title=bare[:RAW_LIMIT], symbols=())
