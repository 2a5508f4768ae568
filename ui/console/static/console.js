// The page's own part: it proves itself to the server, keeps panels fresh in place, and asks twice before what cannot
// be taken back. Everything shown is rendered, escaped, by the server; here texts are put in place, never interpreted.
(() => {
  "use strict";
  const cookie = (name) => (document.cookie.split("; ").find((c) => c.startsWith(name + "=")) || "").slice(name.length + 1);
  const csrf = () => cookie("__Host-crew_csrf") || cookie("crew_csrf");

  // Gradio sends with fetch and cannot be told to add our header: what goes to this server carries it.
  const plainFetch = window.fetch.bind(window);
  window.fetch = async (what, how = {}) => {
    const url = new URL(what instanceof Request ? what.url : what, location.href);
    if (url.origin !== location.origin) return plainFetch(what, how);
    const headers = new Headers(how.headers || (what instanceof Request ? what.headers : {}));
    headers.set("X-CSRF-Token", csrf());
    const answer = await plainFetch(what, { ...how, headers });
    if (answer.status === 401) location.href = "/login";
    return answer;
  };
  const post = async (path, body) => {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });
    const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error([told.error || "the server refused", told.hint].filter(Boolean).join(". "));
    return told;
  };
  const tell = (text) => {
    const box = document.getElementById("told");
    if (!box) return;
    box.textContent = text;
    box.classList.add("on");
    clearTimeout(tell.timer);
    tell.timer = setTimeout(() => box.classList.remove("on"), 4200);
  };

  // Theme: what the person chose, else what the system says.
  const dress = () => {
    const chosen = localStorage.getItem("crew-theme");
    const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    if (document.body && document.body.classList.contains("dark") !== dark) {
      document.body.classList.toggle("dark", dark);
      window.dispatchEvent(new Event("crew-theme"));
    }
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);

  // Change a panel into what the server rendered, node by node: focus, scrolling and opened details stay as they are.
  const morph = (old, fresh) => {
    const a = [...old.childNodes], b = [...fresh.childNodes];
    for (let i = 0; i < b.length; i++) {
      const was = a[i], now = b[i];
      if (!was) { old.appendChild(now); continue; }
      if (was.nodeType !== now.nodeType || was.nodeName !== now.nodeName || (was.dataset?.key ?? "") !== (now.dataset?.key ?? "")) { was.replaceWith(now); continue; }
      if (was.nodeType === Node.TEXT_NODE) { if (was.data !== now.data) was.data = now.data; continue; }
      if (was.nodeType !== Node.ELEMENT_NODE) continue;
      for (const { name } of [...was.attributes]) if (!now.hasAttribute(name) && !(name === "open")) was.removeAttribute(name);
      for (const { name, value } of now.attributes) if (was.getAttribute(name) !== value && !(name === "open")) was.setAttribute(name, value);
      if (!was.hasAttribute("data-still")) morph(was, now);
    }
    for (let i = a.length - 1; i >= b.length; i--) a[i].remove();
  };
  const parsed = (html) => { const t = document.createElement("template"); t.innerHTML = html; return t.content; };

  // Which panels are on the page, with what they are asked for.
  const wantedOf = (el) => { const { panel, key, still, held, ...rest } = el.dataset; return JSON.stringify([panel, rest]); };
  const panels = () => [...document.querySelectorAll("[data-panel]")].filter((el) => el.offsetParent !== null || el.closest("#top"));
  let socket = null, heard = 0, watched = "", retry = 500;

  const watch = (again) => {
    if (!socket || socket.readyState !== WebSocket.OPEN) return;
    const now = JSON.stringify([...new Set(panels().map(wantedOf))].sort());
    if (now === watched && !again) return;
    watched = now;
    socket.send(JSON.stringify({ watch: JSON.parse(now).map((one) => JSON.parse(one)) }));
  };
  const show = (key, html) => {
    for (const el of panels()) {
      if (wantedOf(el) !== key || el.dataset.held) continue;
      if (el.dataset.panel === "chart" || el.dataset.panel === "curve") window.crewChart?.take(el, JSON.parse(html));
      else { morph(el, parsed(html)); window.crewChart?.mount(el); }
    }
  };
  const connect = () => {
    socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/live");
    socket.onopen = () => { retry = 500; watched = ""; watch(true); };
    socket.onmessage = (event) => {
      heard = Date.now();
      document.body.classList.remove("blind");
      const told = JSON.parse(event.data);
      for (const [key, html] of Object.entries(told.panels || {})) show(key, html);
      if (told.confirm) confirmAct(told.confirm);
    };
    socket.onclose = (event) => {
      if (event.code === 4401) { location.href = "/login"; return; }
      setTimeout(connect, retry = Math.min(retry * 2, 8000));
    };
  };
  setInterval(() => {
    dress();
    watch(false);
    // Nothing said for six seconds: what is on the page may be old, and is not shown as if it were not.
    const silent = Math.round((Date.now() - heard) / 1000);
    if (heard && silent >= 6) {
      document.body.classList.add("blind");
      const box = document.getElementById("blind");
      if (box) box.textContent = `The desk's server has said nothing for ${silent} s. Figures are greyed out: they may be old. Stops rest at the venue.`;
    }
  }, 400);

  // Second step: a word for this act, in this session, for thirty seconds.
  const ACTS = {
    halt: ["Halt the desk", "Cancels entries, closes every position and locks. Only two human steps at the machine (crew reset) lift it.", "Halt now"],
    flatten: ["Flatten", "Closes every position and cancels every entry. The desk stays open and may enter again.", "Flatten now"],
  };
  const confirmAct = async ({ act, word, seconds, title, text, button, path, body }) => {
    try {
      if (!word) ({ word, seconds } = await post("/api/v1/confirmations", { act }));
    } catch (error) { tell(error.message); return; }
    const [defaultTitle, defaultText, defaultButton] = ACTS[act] || [];
    document.querySelector("dialog.confirm")?.remove();
    const dialog = document.createElement("dialog");
    dialog.className = "confirm";
    const make = (tag, words, more) => Object.assign(document.createElement(tag), { textContent: words }, more);
    const reason = make("input", "", { placeholder: "Why? It is written into the guard's journal", maxLength: 200, ariaLabel: "reason" });
    const trouble = make("div", "", { className: "trouble-line" });
    const row = make("div", "", { className: "row" });
    const no = make("button", "Cancel", { type: "button" }), yes = make("button", "", { type: "button", className: "danger" });
    row.append(no, yes);
    dialog.append(make("h2", title || defaultTitle), make("p", text || defaultText));
    if (!body) dialog.append(reason);
    dialog.append(trouble, row);
    document.body.append(dialog);
    const until = Date.now() + seconds * 1000;
    const tick = setInterval(() => {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      yes.textContent = left ? `${button || defaultButton} (${left})` : "Too late";
      yes.disabled = yes.disabled || !left;
    }, 200);
    yes.textContent = button || defaultButton;
    dialog.addEventListener("close", () => { clearInterval(tick); dialog.remove(); });
    no.onclick = () => dialog.close();
    yes.onclick = async () => {
      yes.disabled = true;
      try {
        await post(path || `/api/v1/${act}`, { ...(body || { reason: reason.value.trim() || `${act} by hand in the console` }), confirmation: word });
        dialog.close();
        tell(act === "halt" ? "The desk is halting: positions close, then it locks." : act === "flatten" ? "Positions are being closed." : "Done.");
      } catch (error) { trouble.textContent = error.message; }
    };
    dialog.showModal();
    no.focus();
  };

  const goTo = (label) => { for (const tab of document.querySelectorAll('button[role="tab"]')) if (tab.textContent.trim() === label) tab.click(); };
  const openDecision = (id) => {
    for (const el of document.querySelectorAll('[data-panel="decision"]')) el.dataset.decision = id;
    for (const row of document.querySelectorAll("tr[data-decision]")) row.setAttribute("aria-selected", String(row.dataset.decision === id));
    watch(true);
    if (innerWidth < 1100) document.querySelector('[data-panel="decision"]')?.scrollIntoView({ block: "start" });
  };

  document.addEventListener("click", async (event) => {
    const at = event.target.closest("[data-act],[data-set],[data-hold],tr[data-decision],[data-open],[data-say]");
    if (!at) return;
    if (at.dataset.act === "theme") {
      localStorage.setItem("crew-theme", document.body.classList.contains("dark") ? "light" : "dark");
      dress();
    } else if (at.dataset.act === "logout") {
      await post("/logout").catch(() => {});
      location.href = "/login";
    } else if (at.dataset.act === "halt" || at.dataset.act === "flatten") confirmAct({ act: at.dataset.act });
    else if (at.dataset.set) {
      // A choice such as symbol or interval: set it on every panel that takes it.
      for (const el of document.querySelectorAll(`[data-panel][data-${at.dataset.set}]`)) if (!at.dataset.of || el.dataset.panel === at.dataset.of) el.dataset[at.dataset.set] = at.dataset.value;
      for (const other of document.querySelectorAll(`[data-set="${at.dataset.set}"]`)) if ((other.dataset.of || "") === (at.dataset.of || "")) other.setAttribute("aria-pressed", String(other.dataset.value === at.dataset.value));
      watch(true);
    } else if (at.dataset.hold) {
      const held = at.getAttribute("aria-pressed") !== "true";
      at.setAttribute("aria-pressed", String(held));
      for (const el of document.querySelectorAll(`[data-panel="${at.dataset.hold}"]`)) { if (held) el.dataset.held = "1"; else { delete el.dataset.held; watch(true); } }
    } else if (at.dataset.open) { event.preventDefault(); goTo("Decisions"); setTimeout(() => openDecision(at.dataset.open), 350); }
    else if (at.dataset.say) {
      const box = document.querySelector("#say textarea");
      if (box) { box.value = at.dataset.say; box.dispatchEvent(new Event("input", { bubbles: true })); box.focus(); }
    } else if (at.matches("tr[data-decision]")) openDecision(at.dataset.decision);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("tr[data-decision]")) openDecision(event.target.dataset.decision);
    if (event.key === "/" && !/INPUT|TEXTAREA/.test(event.target.tagName) && !event.target.closest?.(".cm-editor")) {
      event.preventDefault();
      document.querySelector("#say textarea")?.focus();
    }
  });
  document.addEventListener("input", (event) => {
    const name = event.target.dataset?.filter;
    if (!name) return;
    clearTimeout(openDecision.timer);
    openDecision.timer = setTimeout(() => {
      for (const el of document.querySelectorAll(`[data-panel][data-${name}]`)) el.dataset[name] = event.target.value;
      watch(true);
    }, 250);
  });
  const begin = () => { dress(); connect(); };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
