// The second step of what cannot be taken back: a word for this act, in this session, for thirty seconds. What came of a
// trade is told in the same dialog, and stays there until it was read.
(() => {
  "use strict";
  const ACTS = {
    halt: ["Halt the desk", "Cancels entries, closes every position and locks. Only two human steps at the machine (crew reset) lift it.", "Halt now"],
    flatten: ["Flatten", "Closes every position and cancels every entry. The desk stays open and may enter again.", "Flatten now"],
  };
  const DONE = { halt: "The desk is halting: positions close, then it locks.", flatten: "Positions are being closed." };
  const make = (tag, words, more) => Object.assign(document.createElement(tag), { textContent: words }, more);
  const trade = (told) => {
    const done = told.outcome !== "refused";
    const filled = Number(told.filled) ? `Filled ${told.filled}.` : done ? `Ordered ${told.quantity}; not filled yet.` : "Nothing was sent to the venue.";
    return { tone: done ? "good" : "bad", head: `The guard: ${told.outcome}`, words: [told.message, `Rule ${told.rule}.`, filled].filter(Boolean).join(" ") };
  };

  window.crewConfirm = async ({ act, word, seconds, title, text, button, path, body, reason: given }) => {
    const { post, tell } = window.crewPage;
    try {
      if (!word) ({ word, seconds } = await post("/api/v1/confirmations", { act }));
    } catch (error) { tell(error.message); return; }
    const [ownTitle, ownText, ownButton] = ACTS[act] || [];
    document.querySelector("dialog.confirm")?.remove();
    const dialog = make("dialog", "", { className: "confirm" });
    dialog.setAttribute("aria-labelledby", "confirm-title");
    const head = make("h2", title || ownTitle, { id: "confirm-title" }), words = make("p", text || ownText);
    const reason = make("input", "", { placeholder: "Why? It is written into the guard's journal", maxLength: 200, ariaLabel: "reason", value: given || "" });
    const trouble = make("div", "", { className: "trouble-line", role: "alert" });
    const row = make("div", "", { className: "row" });
    const no = make("button", "Cancel", { type: "button" }), yes = make("button", button || ownButton, { type: "button", className: "danger" });
    row.append(no, yes);
    dialog.append(head, words);
    if (!body) dialog.append(reason);
    dialog.append(trouble, row);
    document.body.append(dialog);
    const until = Date.now() + seconds * 1000;
    let spent = false;
    const tick = setInterval(() => {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      if (spent) return;
      yes.textContent = left ? `${button || ownButton} (${left})` : "Too late";
      yes.disabled = !left;
    }, 200);
    dialog.addEventListener("close", () => { clearInterval(tick); dialog.remove(); });
    no.onclick = () => dialog.close();
    yes.onclick = async () => {
      spent = yes.disabled = true;
      yes.textContent = "Asking the guard";
      try {
        const told = await post(path || `/api/v1/${act}`, { ...(body || { reason: reason.value.trim() || `${act} by hand in the console` }), confirmation: word });
        if (act !== "trade") { dialog.close(); tell(DONE[act] || "Done."); return; }
        const came = trade(told);
        head.textContent = came.head;
        head.className = came.tone;
        words.textContent = came.words;
        yes.remove();
        no.textContent = "Close";
      } catch (error) { trouble.textContent = error.message; yes.textContent = "Not done"; no.textContent = "Close"; }
    };
    dialog.showModal();
    no.focus();
  };
})();
