"""The console of a running desk: what a stranger, a program, another maker's agent and the operator can do with it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

from tests.browser import chromium, logged_in
from tests.console_process import RunningConsole, console
from tests.crew_command import Operator

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]
PLANTED = "sk-planted0123456789abcdef0123456789"
_NEXT_MINUTE = 70_000


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsole]:
    operator = Operator(tmp_path_factory.mktemp("console"), keys=(("OPENAI_API_KEY", PLANTED),))
    with console(operator) as served:
        yield served


def test_nobody_gets_anything_of_gradio_without_a_login(running: RunningConsole) -> None:
    paths = ("/console/", "/console/config", "/console/theme.css", "/console/gradio_api/startup-events")
    paths += ("/console/gradio_api/app_id", "/console/gradio_api/info", "/console/gradio_api/token", "/own/console.js")
    with httpx.Client(base_url=running.url, trust_env=False) as stranger:
        told = {path: stranger.get(path).status_code for path in paths}
        told |= {path: stranger.post(path, json={}).status_code for path in ("/console/gradio_api/queue/join", "/mcp")}
    assert set(told.values()) <= {401, 404}, told


def test_a_handler_found_by_its_number_does_nothing_that_its_sender_may_not(running: RunningConsole) -> None:
    with running.browser() as page:
        config = page.get("/console/config").json()
        named = [one["api_name"] for one in config["dependencies"] if one.get("api_visibility") == "public"]
        assert named == []
        body = {"fn_index": 0, "data": [], "session_hash": "abcdefgh"}
        planted = page.post("/console/gradio_api/queue/join", json=body, headers={"Origin": "https://evil.example"})
        assert planted.status_code == 403
        assert page.post("/console/gradio_api/upload", files={"files": b"x"}).status_code == 404


def test_another_makers_agent_lists_and_calls_every_tool_and_cannot_pass_the_gate(running: RunningConsole) -> None:
    reader, trader = running.token("reader", "read"), running.token("trader", "operate")
    told = asyncio.run(_every_tool(running.url, reader))
    acts = {"propose_trade", "halt", "pause"}
    assert set(told) > acts
    assert {name for name, (failed, _) in told.items() if failed} >= acts
    assert json.loads(told["health"][1])["guard"] == "well"
    refused, opened, doubled = asyncio.run(_proposals(running.url, trader))
    assert "not on the desk's list" in refused
    assert opened["outcome"] in ("approved", "reduced")
    assert float(opened["quantity"]) > 0
    # The same again is the guard's to refuse: nobody who proposes can say how much.
    assert doubled["outcome"] in ("refused", "reduced")
    replayed = running.operator.crew("audit", "replay", "--all")
    assert replayed.code == 0, replayed.out + replayed.err
    verified = running.operator.crew("audit", "verify")
    assert verified.code == 0, verified.out + verified.err


async def _every_tool(url: str, token: str) -> dict[str, tuple[bool, str]]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        streamablehttp_client(f"{url}/mcp", headers=headers) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        given = {
            "market": {"symbol": "BTCUSDT"},
            "propose_trade": {"symbol": "BTCUSDT", "action": "OPEN_LONG"},
            "halt": {"reason": "a reader tries"},
            "pause": {"reason": "a reader tries"},
        }
        listed = (await session.list_tools()).tools
        found = {tool.name: await session.call_tool(tool.name, given.get(tool.name, {})) for tool in listed}
        return {name: (bool(one.isError), _text(one)) for name, one in found.items()}


async def _proposals(url: str, token: str) -> list[Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        streamablehttp_client(f"{url}/mcp", headers=headers) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        wishes = (
            {"symbol": "DOGEUSDT", "action": "OPEN_LONG"},
            {"symbol": "ETHUSDT", "action": "OPEN_LONG", "conviction": "0.4"},
            {"symbol": "ETHUSDT", "action": "OPEN_LONG", "conviction": "1"},
        )
        answers = [_text(await session.call_tool("propose_trade", wish)) for wish in wishes]
        return [json.loads(one) if one.startswith("{") else one for one in answers]


def _text(result: Any) -> str:
    return str(result.content[0].text)


def test_the_chart_is_the_readers_own_and_a_filter_is_of_its_own_list(running: RunningConsole) -> None:
    """A zoom outlives the next candles, trouble, another tab and theme; a filter of decisions changes no chart."""
    chromium()
    span = "crewChart.span(document.querySelector('#chart'))"
    with logged_in(running) as seen:
        page = seen.page
        # Where other readers have used up the minute's requests, candles come with the next minute.
        page.wait_for_selector("#chart >> text=EMA 21", timeout=_NEXT_MINUTE)
        whole = page.evaluate(span)
        page.locator("#chart").hover()
        for _ in range(6):
            page.mouse.wheel(0, -300)
        page.wait_for_function(f"{span}?.to - {span}?.from < {(whole['to'] - whole['from']) * 0.9}")
        zoomed = page.evaluate(span)
        seen.tab("Decisions")
        page.locator('select[data-filter="symbol"]').select_option("ETHUSDT")
        page.wait_for_selector('[data-panel="decisions"][data-symbol="ETHUSDT"]', state="attached")
        seen.tab("Desk")
        page.locator('[data-act="theme"]').click()
        gone = "crewChart.take(document.querySelector('#chart'), {trouble: 'the venue is gone'})"
        assert page.evaluate(f"({gone}, {span})") is None
        page.wait_for_function(f"{span} !== null", timeout=_NEXT_MINUTE)
        page.wait_for_timeout(2500)
        page.wait_for_function(f"{span} !== null", timeout=_NEXT_MINUTE)
        assert page.evaluate(span) == pytest.approx(zoomed)
        assert page.locator("#chart").get_attribute("data-symbol") == "BTCUSDT"
        assert seen.errors == []


def test_what_the_guard_made_of_a_trade_is_told_where_it_was_confirmed(running: RunningConsole) -> None:
    chromium()
    with logged_in(running) as seen:
        page = seen.page
        verdict = {"outcome": "refused", "rule": "position.none", "message": "nothing is open", "filled": "0"}
        page.route("**/api/v1/trades", lambda route: route.fulfill(json=verdict))
        seen.say("close SOL")
        page.get_by_role("button", name=re.compile("Ask the guard")).click()
        page.wait_for_selector("dialog h2 >> text=/The guard: refused/")
        told = page.locator("dialog").inner_text()
        assert "nothing is open" in told
        assert "position.none" in told
        assert "Nothing was sent to the venue" in told


def test_the_operator_lives_in_one_page(running: RunningConsole) -> None:
    """Log in, kick off from the chat, watch the steps, open the decision, flatten, halt; nothing leaves the desk."""
    chromium()
    with logged_in(running) as seen:
        page = seen.page
        seen.say("reset the breaker and raise the limit")
        page.wait_for_selector("#chat >> text=Not from here")
        seen.say("kickoff BTC")
        page.wait_for_selector("#chat >> text=Specialists at work")
        page.wait_for_selector("#chat >> text=/Guard: /", timeout=120_000)
        page.wait_for_selector("#chart canvas")
        seen.say("why btc")
        page.wait_for_selector("#chat >> text=/of 3 needed/")
        seen.tab("Decisions")
        page.locator('tr[data-decision]:has-text("BTCUSDT")').first.click()
        page.wait_for_selector('[data-panel="decision"] >> text=Who said what')
        page.get_by_role("button", name="Again & what if").click()
        page.wait_for_selector('[data-panel="decision"] >> text=bit-equal')
        for tab in ("Performance", "Intelligence", "Learning", "Agents", "Health"):
            seen.tab(tab)
            panel = tab.lower()
            page.wait_for_selector(f'[data-panel="{panel}"] .card')
            assert page.locator(f'[data-panel="{panel}"] .trouble').count() == 0, tab
        _confirmed(seen.page, "FLATTEN", "Flatten now")
        _confirmed(seen.page, "HALT", "Halt now")
        page.wait_for_selector('[data-panel="header"] .chip.bad')
        assert seen.beyond == []
        assert seen.errors == []
    status = running.operator.crew("status", "--json")
    assert status.lines[0]["latch"]["reason"] == "manual"
    assert running.operator.beyond_loopback == []


def _confirmed(page: Any, button: str, second: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("button", name=re.compile(second)).click()
    page.wait_for_selector("dialog", state="detached")


def test_a_planted_secret_is_in_no_sink(running: RunningConsole) -> None:
    with running.browser() as page:
        paths = ("info", "services", "logs", "decisions", "status", "openapi.json")
        sinks = {path: page.get(f"/api/v1/{path}").text for path in paths}
        sinks |= {"config": page.get("/console/config").text, "metrics": page.get("/metrics").text}
    home = running.operator.home / "var"
    sinks |= {str(file): file.read_bytes().decode("latin-1") for file in home.rglob("*") if file.is_file()}
    assert [name for name, text in sinks.items() if PLANTED in text or running.password in text] == []
