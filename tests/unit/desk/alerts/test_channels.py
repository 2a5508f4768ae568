"""Each service is spoken to as it wants to be, strangers' text stays text, and no secret is told when it fails."""

from __future__ import annotations

import email
import logging
from collections.abc import Iterator

import pytest

from desk.alerts import Level
from desk.alerts.channels import AppriseChannel
from desk.domain.errors import PrerequisiteError
from tests.loopback_services import Web, mail_server, web_server

TOKEN = "123456789:abcdefghijklmnopqrstuvwxyz_0123456"
HOOK = "JHZ7lQml277CDHmQKMHI8qBe7bk2ZwO5UKjCiOAF7711o33MyqU344Qpgv7YTpadVjs"
HOSTILE = "<b>buy</b> [click](http://evil.example) ![](http://evil.example/leak)"


@pytest.fixture(scope="module")
def server() -> Iterator[Web]:
    with web_server() as web:
        yield web


@pytest.fixture
def web(server: Web) -> Web:
    server.status, server.most_chars = 200, 0
    server.requests.clear()
    return server


def test_telegram_is_sent_a_message_whose_text_is_no_markup(web: Web) -> None:
    channel = AppriseChannel("phone", f"tgram://{TOKEN}/4242/", base_url=web.url)
    assert channel.send("CRITICAL #1 tripped", HOSTILE, Level.CRITICAL) == ""
    [(path, body)] = web.requests
    assert path == f"/bot{TOKEN}/sendMessage"
    assert body["chat_id"] == 4242
    assert "CRITICAL #1 tripped" in body["text"]
    assert "<b>buy</b>" not in body["text"]
    assert body["disable_web_page_preview"] is True


def test_discord_is_sent_a_message_with_no_picture_from_elsewhere(web: Web) -> None:
    channel = AppriseChannel("team", f"discord://4174216298/{HOOK}", base_url=web.url)
    assert channel.send("WARNING #2 refused", "limits.gross", Level.WARNING) == ""
    [(path, body)] = web.requests
    assert path == f"/api/webhooks/4174216298/{HOOK}"
    assert "WARNING #2 refused" in body["content"]
    assert "limits.gross" in body["content"]
    assert "avatar_url" not in body


@pytest.mark.parametrize(
    ("url", "most", "key"),
    [(f"tgram://{TOKEN}/4242/", 4096, "text"), (f"discord://4174216298/{HOOK}", 2000, "content")],
    ids=["telegram", "discord"],
)
@pytest.mark.parametrize("text", [f"{HOSTILE}\n" * 60, "<" * 3000], ids=["a long digest", "one long word"])
def test_what_is_longer_than_a_service_takes_comes_in_parts_and_all_of_it(
    web: Web, url: str, most: int, key: str, text: str
) -> None:
    web.most_chars = most
    assert AppriseChannel("phone", url, base_url=web.url).send("20 alerts held back", text, Level.WARNING) == ""
    sent = "".join(str(body[key]) for _, body in web.requests)
    assert len(web.requests) > 1
    assert sent.replace("&lt;", "<").count("<") >= text.count("<")


def test_a_hook_is_posted_title_text_and_level_as_json(web: Web) -> None:
    channel = AppriseChannel("hook", web.url.replace("http://", "json://") + "/desk")
    assert channel.send("INFO #3 report", "a day", Level.INFO) == ""
    [(path, body)] = web.requests
    assert path == "/desk"
    assert (body["title"], body["message"], body["type"]) == ("INFO #3 report", "a day", "info")


def test_mail_goes_by_smtp_with_the_title_as_its_subject() -> None:
    with mail_server() as (port, taken):
        url = f"mailto://desk:secret@127.0.0.1:{port}?mode=insecure&to=you@example.org&from=desk@example.org&smtp=127.0.0.1"
        assert AppriseChannel("mail", url).send("INFO #4 report", "a day", Level.INFO) == ""
    [message] = [email.message_from_string(one) for one in taken]
    assert message["Subject"] == "INFO #4 report"
    assert "a day" in message.as_string()


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_service_that_refuses_is_a_trouble_in_words_without_the_token(
    web: Web, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    web.status = status
    channel = AppriseChannel("phone", f"tgram://{TOKEN}/4242/", base_url=web.url)
    with caplog.at_level(logging.INFO):
        trouble = channel.send("title", "text", Level.INFO)
    assert trouble
    assert TOKEN not in trouble + caplog.text


def test_a_server_that_is_gone_is_a_trouble_in_words_without_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        trouble = AppriseChannel("hook", f"json://user:{HOOK}@127.0.0.1:9/x").send("title", "text", Level.INFO)
    assert trouble
    assert HOOK not in trouble + caplog.text


@pytest.mark.parametrize("url", [f"nonsense://{HOOK}", "tgram://short", "json://", HOOK])
def test_a_url_of_no_service_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        AppriseChannel("phone", url)
    assert "phone" in caught.value.message
    assert url not in caught.value.message + caught.value.hint
