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
    // The browser's own words for a server that is gone help nobody: these say where one acts instead.
    const gone = () => { throw new Error("The desk's server does not answer. At the machine: crew halt, or crew flatten. Stops rest at the venue"); };
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) }).catch(gone);
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

  window.crewPage = { post, tell };

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
  // A row that is keyed stays the same node wherever it moves to, so that a new one above it disturbs nobody.
  const keyOf = (node) => node.dataset?.key ?? "";
  const alike = (was, now) => was.nodeType === now.nodeType && was.nodeName === now.nodeName && keyOf(was) === keyOf(now);
  const morph = (old, fresh) => {
    const keyed = new Map([...old.childNodes].filter((node) => keyOf(node)).map((node) => [keyOf(node), node]));
    const wanted = new Set([...fresh.childNodes].map(keyOf));
    let at = old.firstChild;
    for (const now of [...fresh.childNodes]) {
      const known = keyOf(now) && keyed.get(keyOf(now));
      // Each node once, also where two rows are called alike.
      if (known) keyed.delete(keyOf(now));
      if (known && known !== at && alike(known, now)) { old.insertBefore(known, at); at = known; }
      else if (!at || !alike(at, now)) {
        // In the place of a node that the fresh text no longer has; before one that comes later.
        const stays = !at || (keyOf(at) && wanted.has(keyOf(at)));
        if (stays) old.insertBefore(now, at);
        else { const next = at.nextSibling; at.replaceWith(now); at = next; }
        continue;
      }
      become(at, now);
      at = at.nextSibling;
    }
    while (at) { const next = at.nextSibling; at.remove(); at = next; }
  };
  const become = (was, now) => {
    if (was.nodeType === Node.TEXT_NODE) { if (was.data !== now.data) was.data = now.data; return; }
    if (was.nodeType !== Node.ELEMENT_NODE) return;
    for (const { name } of [...was.attributes]) if (!now.hasAttribute(name) && !(name === "open")) was.removeAttribute(name);
    for (const { name, value } of now.attributes) if (was.getAttribute(name) !== value && !(name === "open")) was.setAttribute(name, value);
    if (!was.hasAttribute("data-still")) morph(was, now);
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
      if ("operates" in told) document.body.classList.toggle("looks-on", !told.operates);
      if (told.confirm) window.crewConfirm?.(told.confirm);
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

  const goTo = (label) => { for (const tab of document.querySelectorAll('button[role="tab"]')) if (tab.textContent.trim() === label) tab.click(); };
  const openDecision = (id) => {
    // The list is told too, so that the open row stays marked when it is drawn anew.
    for (const el of document.querySelectorAll("[data-panel][data-decision]")) el.dataset.decision = id;
    for (const row of document.querySelectorAll("tr[data-decision]")) row.setAttribute("aria-selected", String(row.dataset.decision === id));
    watch(true);
    if (innerWidth < 1100) document.querySelector('[data-panel="decision"]')?.scrollIntoView({ block: "start" });
  };

  const showDecision = (id) => { goTo("Decisions"); setTimeout(() => openDecision(id), 350); };

  // A decision's id in the chat leads to it.
  const ID = /^d[0-9a-f]{24}$/;
  document.addEventListener("pointerover", (event) => { if (event.target.matches?.("#chat code") && ID.test(event.target.textContent)) event.target.classList.add("opens"); });

  document.addEventListener("click", async (event) => {
    if (event.target.matches?.("#chat code") && ID.test(event.target.textContent)) { showDecision(event.target.textContent); return; }
    const at = event.target.closest("[data-act],[data-set],[data-hold],tr[data-decision],[data-open],[data-say]");
    if (!at) return;
    if (at.dataset.act === "theme") {
      localStorage.setItem("crew-theme", document.body.classList.contains("dark") ? "light" : "dark");
      dress();
    } else if (at.dataset.act === "logout") {
      await post("/logout").catch(() => {});
      location.href = "/login";
    } else if (at.dataset.act === "halt" || at.dataset.act === "flatten") window.crewConfirm?.({ act: at.dataset.act });
    else if (at.dataset.set) {
      // A choice such as symbol or interval: set it on every panel that takes it.
      for (const el of document.querySelectorAll(`[data-panel][data-${at.dataset.set}]`)) if (!at.dataset.of || el.dataset.panel === at.dataset.of) el.dataset[at.dataset.set] = at.dataset.value;
      for (const other of document.querySelectorAll(`[data-set="${at.dataset.set}"]`)) if ((other.dataset.of || "") === (at.dataset.of || "")) other.setAttribute("aria-pressed", String(other.dataset.value === at.dataset.value));
      watch(true);
    } else if (at.dataset.hold) {
      const held = at.getAttribute("aria-pressed") !== "true";
      at.setAttribute("aria-pressed", String(held));
      for (const el of document.querySelectorAll(`[data-panel="${at.dataset.hold}"]`)) { if (held) el.dataset.held = "1"; else { delete el.dataset.held; watch(true); } }
    } else if (at.dataset.open) { event.preventDefault(); showDecision(at.dataset.open); }
    else if (at.dataset.say) {
      const box = document.querySelector("#say textarea");
      if (box) { box.value = at.dataset.say; box.dispatchEvent(new Event("input", { bubbles: true })); box.focus(); }
    } else if (at.matches("tr[data-decision]")) openDecision(at.dataset.decision);
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target.matches?.("tr[data-decision]") ? event.target : null;
    if (row && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); row.click(); }
    const next = row && { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (next) { event.preventDefault(); row[next]?.focus(); }
    if (event.key === "/" && !/INPUT|TEXTAREA/.test(event.target.tagName) && !event.target.closest?.(".cm-editor")) {
      event.preventDefault();
      document.querySelector("#say textarea")?.focus();
    }
  });
  document.addEventListener("input", (event) => {
    const { filter, of } = event.target.dataset || {};
    if (!filter) return;
    clearTimeout(openDecision.timer);
    openDecision.timer = setTimeout(() => {
      for (const el of document.querySelectorAll(`[data-panel="${of}"][data-${filter}]`)) {
        el.dataset[filter] = event.target.value;
        // Another filter begins with its newest row.
        if (filter !== "skip" && el.dataset.skip) el.dataset.skip = "";
      }
      watch(true);
    }, 250);
  });
  // The header grows by a line when something is wrong: what fills the screen below it gives way.
  const fit = () => document.documentElement.style.setProperty("--top", `${document.getElementById("top")?.offsetHeight || 75}px`);
  const begin = () => {
    dress();
    connect();
    const seek = setInterval(() => {
      const top = document.getElementById("top");
      if (!top) return;
      clearInterval(seek);
      new ResizeObserver(fit).observe(top);
    }, 100);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();
})();
