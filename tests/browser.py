"""Chromium as Debian packs it, driven as a person would: what it loaded from elsewhere and what broke is remembered."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.console_process import RunningConsole

PATIENCE_MS = 120_000


@dataclass
class Seen:
    """A page, the addresses beyond the desk that it asked for, and the errors of its scripts."""

    page: Page
    beyond: list[str] = field(default_factory=list[str])
    errors: list[str] = field(default_factory=list[str])

    def tab(self, name: str) -> None:
        """Open a tab; on a narrow page those that do not fit stand in a menu."""
        menu = self.page.locator(".overflow-menu > button")
        tab = self.page.get_by_role("tab", name=name, exact=True)
        if menu.is_visible() and not tab.first.is_visible():
            menu.click()
            self.page.locator(".overflow-dropdown button", has_text=name).click()
        else:
            tab.first.click()

    def say(self, words: str) -> None:
        """Type into the chat and send."""
        box = self.page.locator("#say textarea")
        box.fill(words)
        box.press("Enter")
        self.page.wait_for_function("document.querySelector('#say textarea').value === ''")


def chromium() -> str:
    """Where Chromium is; without one, skip where that may be, and fail where it must be there."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    if not found and os.environ.get("CI") == "true":
        pytest.fail("no chromium: .ci/run installs Debian's")
    if not found:
        pytest.skip("no chromium on this machine: apt install chromium")
    return found


@contextmanager
def logged_in(console: RunningConsole, *, width: int = 1440, height: int = 900, scheme: str = "dark") -> Iterator[Seen]:
    """A browser in which the operator has just logged in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        looks = "light" if scheme == "light" else "dark"
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=looks)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        seen = Seen(page)
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("request", lambda request: _note(seen, console.url, request.url))
        page.goto(console.url + "/")
        page.fill("#name", "operator")
        page.fill("#secret", console.password)
        page.click("button")
        page.wait_for_selector('[data-panel="header"] .v')
        page.wait_for_selector("#say textarea")
        yield seen
        browser.close()


def _note(seen: Seen, own: str, asked: str) -> None:
    local = (own, own.replace("http", "ws", 1), "data:", "blob:")
    if not asked.startswith(local):
        seen.beyond.append(asked)
