"""The page: Gradio's tabs, chat and editor around our panels. Every handler asks anew who sends, and trusts nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Any

import gradio as gr
from gradio.themes import Base as Theme

from desk.domain.errors import DeskError
from ui.console.chat import Chat, Said
from ui.console.chat.said import bare, plain
from ui.console.editor import Editor
from ui.console.panels.wanted import INTERVALS
from ui.console.rendering import render
from ui.server.access import Identity
from ui.server.house import House

_LOG = logging.getLogger(__name__)
Message = dict[str, Any]
_WELCOME = "Ask about the desk, or steer it. Try “kickoff”, “why”, “how are we doing”, or /help."


def theme() -> Theme:
    """Gradio's plainest theme with the system's fonts; colours are ours, in console.css."""
    system = ["system-ui", "-apple-system", "Segoe UI", "sans-serif"]
    mono = ["ui-monospace", "SF Mono", "Menlo", "monospace"]
    return Theme(font=system, font_mono=mono)


def page(house: House) -> gr.Blocks:
    """The whole page."""
    name, symbols = house.window.config.profile.name, house.window.symbols
    with gr.Blocks(title=f"Crewdesk {name}", analytics_enabled=False, fill_width=True) as built:
        _frame("top", elem_id="top")
        with gr.Tabs():
            with gr.Tab("Desk", render_children=True):
                _desk(house)
            with gr.Tab("Decisions"):
                _frame("decisions", symbols=symbols)
            with gr.Tab("Performance"):
                _frame("performance")
            with gr.Tab("Intelligence"):
                _frame("intelligence", symbols=symbols)
            with gr.Tab("Learning"):
                _frame("learning")
            with gr.Tab("Agents"):
                _agents(house)
            with gr.Tab("Health"):
                _frame("health")
    return built.queue(api_open=False, default_concurrency_limit=8, max_size=64)


def _frame(name: str, *, elem_id: str = "", **values: object) -> gr.HTML:
    """A piece of the page that our script keeps fresh; Gradio itself never changes it."""
    return gr.HTML(
        render(f"frame_{name}.html", **values),
        apply_default_css=False,
        container=False,
        padding=False,
        elem_id=elem_id or None,
        js_on_load="",
    )


def _desk(house: House) -> None:
    chat = Chat(house)
    with gr.Row(equal_height=False):
        with gr.Column(scale=7, min_width=340):
            _frame("chart", symbols=house.window.symbols, intervals=INTERVALS)
        with gr.Column(scale=4, min_width=320):
            talk = gr.Chatbot(
                elem_id="chat",
                show_label=False,
                layout="bubble",
                buttons=[],
                placeholder=_WELCOME,
                feedback_options=None,
                allow_file_downloads=False,
                latex_delimiters=[],
            )
            with gr.Row(elem_id="say-row"):
                box = gr.Textbox(
                    show_label=False,
                    placeholder="How is BTC?   /kickoff   /why",
                    container=False,
                    max_length=2000,
                    lines=1,
                    max_lines=4,
                    elem_id="say",
                    scale=8,
                    autofocus=False,
                )
                send = gr.Button("Send", variant="primary", scale=1, min_width=76)
            _frame("hints", hints=_HINTS)

    def hear(text: str, history: list[Message]) -> tuple[str, list[Message]]:
        """Show what was said at once, as it was typed: a chat is no place for somebody's markup, not even one's own."""
        said = plain(text)
        return "", [*history, {"role": "user", "content": said}] if said else history

    def answer(history: list[Message], request: gr.Request) -> Iterator[list[Message]]:
        """Answer the newest message as the answer grows."""
        if not history or history[-1]["role"] != "user":
            yield history
            return
        text = bare(_text(history[-1]["content"]))
        for said in _answered(chat, house, text, request):
            yield [*history, *_messages(said)]

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    for event in (box.submit, send.click):
        event(hear, [box, talk], [box, talk], queue=False, **quiet).then(
            answer, [talk], [talk], concurrency_limit=16, **quiet
        )


def _answered(chat: Chat, house: House, text: str, request: gr.Request) -> Iterator[Said]:
    asks = _who(house, request)
    if asks is None:
        yield Said(text="Your session is over. Reload the page to log in again.")
        return
    try:
        yield from chat.answer(text, asks)
    except Exception:
        _LOG.exception("the chat failed to answer")
        yield Said(text="**A fault of the desk's own**; the server's log says where. Nothing was changed by it.")


def _who(house: House, request: gr.Request) -> Identity | None:
    """Whoever sends this, by their cookie: what a handler is told besides can be anybody's invention."""
    cookie = SimpleCookie(request.headers.get("cookie", "")).get(house.place.cookie)
    return house.access.sessions.find(cookie.value) if cookie else None


def _messages(said: Said) -> list[Message]:
    found: list[Message] = []
    for step in said.steps:
        metadata: dict[str, Any] = {"title": step.title, "id": step.key, "status": "pending" if step.busy else "done"}
        if step.seconds is not None:
            metadata["duration"] = round(step.seconds, 2)
        if step.within:
            metadata["parent_id"] = step.within
        found.append({"role": "assistant", "content": step.text, "metadata": metadata})
    if said.text or not found:
        found.append({"role": "assistant", "content": said.text or "…"})
    return found


def _text(content: object) -> str:
    """The text of a message, which Gradio hands on as text or as a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""


def _agents(house: House) -> None:
    editor = Editor(house)
    _frame("agents")
    with gr.Row(equal_height=False):
        with gr.Column(scale=7, min_width=340):
            which = gr.Dropdown(list(editor.files), value=editor.files[0], label="File", filterable=False)
            code = gr.Code(editor.read(editor.files[0]), language="yaml", show_label=False, lines=20, max_lines=34)
        with gr.Column(scale=5, min_width=320):
            with gr.Row():
                check = gr.Button("Check and show the difference", min_width=160)
                apply = gr.Button("Apply", variant="primary", min_width=100)
            result = gr.HTML(editor.hello(), apply_default_css=False, container=False, padding=False)

    def load(name: str) -> str:
        """The file as it is in force."""
        return editor.read(name)

    def checked(name: str, text: str, request: gr.Request) -> str:
        """What would change, or what is wrong."""
        return _guarded(lambda asks: editor.check(name, text), house, request)

    def applied(name: str, text: str, request: gr.Request) -> str:
        """Keep it, if it holds together and the sender may."""
        return _guarded(lambda asks: editor.apply(name, text, asks), house, request)

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    which.input(load, [which], [code], **private)
    check.click(checked, [which, code], [result], **private)
    apply.click(applied, [which, code], [result], **private)


def _guarded(act: Callable[[Identity], str], house: House, request: gr.Request) -> str:
    asks = _who(house, request)
    if asks is None:
        return render("editor.html", trouble="Your session is over", hint="reload the page to log in again")
    try:
        return act(asks)
    except DeskError as error:
        return render("editor.html", trouble=error.message, hint=error.hint)


_HINTS = (
    ("kickoff", "Kickoff"),
    ("why", "Why?"),
    ("how are we doing", "Status"),
    ("how did the news agent do", "News agent"),
    ("what if news had not reported", "What if"),
    ("/pause", "Pause"),
    ("/help", "Help"),
)
