"""A page of the console without a browser: it logs in, calls the handlers behind its buttons, and hears their answers."""

from __future__ import annotations

import json
import secrets
from typing import Any

import httpx

_QUEUE = "/console/gradio_api/queue"


class Page:
    """One logged-in page. A console that is gone raises httpx.HTTPError."""

    def __init__(self, url: str, cookies: dict[str, str], csrf: str) -> None:
        headers = {"Origin": url, "X-CSRF-Token": csrf}
        self._client = httpx.Client(base_url=url, cookies=cookies, headers=headers, trust_env=False, timeout=60)
        self._handlers: dict[str, int] = {}

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def say(self, text: str) -> str:
        """Say something in the chat; all that was answered."""
        said = {"role": "user", "content": [{"type": "text", "text": text}]}
        return self._call("answer", [[said]])

    def apply(self, name: str, text: str) -> str:
        """Press Apply beneath the editor; what it shows then."""
        return self._call("apply", [name, text])

    def _call(self, handler: str, data: list[Any]) -> str:
        session = secrets.token_hex(8)
        asked = {"fn_index": self._number(handler), "data": data, "session_hash": session}
        self._client.post(f"{_QUEUE}/join", json=asked).raise_for_status()
        heard: list[str] = []
        with self._client.stream("GET", f"{_QUEUE}/data", params={"session_hash": session}) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                told = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                heard.append(json.dumps(told.get("output", "")))
                if told.get("msg") == "process_completed":
                    return " ".join(heard)
        raise httpx.ReadError("the answer ended before its end")

    def _number(self, handler: str) -> int:
        """By which number Gradio knows a handler: the same in every console of one build."""
        if not self._handlers:
            config = self._client.get("/console/config").raise_for_status().json()
            parts = {one["id"]: one for one in config["components"]}
            for one in config["dependencies"]:
                pressed = [parts[target]["props"].get("value") for target, event in one["targets"] if event == "click"]
                kinds = [parts[number]["type"] for number in one["inputs"]]
                if pressed == ["Apply"]:
                    self._handlers["apply"] = one["id"]
                elif kinds == ["chatbot"]:
                    self._handlers["answer"] = one["id"]
        return self._handlers[handler]
