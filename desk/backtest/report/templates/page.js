"use strict";
const { curves, trades } = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
const still = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d", "toImage"] };
let shown = 0;

function layout(more) {
  const axis = { gridcolor: css("--grid"), linecolor: css("--line"), zerolinecolor: css("--line"), automargin: true };
  const x = { ...axis, type: "date", showgrid: false };
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "x unified",
    font: { color: css("--soft"), size: 12, family: "inherit" }, margin: { l: 8, r: 8, t: 8, b: 8 },
    hoverlabel: { bgcolor: css("--card"), bordercolor: css("--line"), font: { color: css("--ink") } },
    legend: { orientation: "h", x: 0, y: 1.08, font: { color: css("--ink") } },
    ...more, xaxis: { ...x, ...(more.xaxis || {}) }, yaxis: { ...axis, side: "right", ...(more.yaxis || {}) },
  };
}

function drawEquity() {
  const looks = { strategy: [css("--accent"), 2.2, "solid"], flat: [css("--soft"), 1, "dot"], "buy and hold": [css("--soft"), 1.2, "solid"] };
  const lines = Object.entries(curves.equity).reverse().map(([name, y]) => {
    const [color, width, dash] = looks[name] || [css("--soft"), 1, "dash"];
    return { x: curves.time, y, name, mode: "lines", line: { color, width, dash }, hovertemplate: "%{y:,.0f}" };
  });
  const scale = Math.max(...curves.equity["buy and hold"]) > 4 * curves.equity.flat[0] ? "log" : "linear";
  const ticks = scale === "log" ? { dtick: "D2" } : {};
  const yaxis = { type: scale, tickformat: ",.0f", ...ticks };
  Plotly.react("equity", lines, layout({ yaxis }), still);
  const under = [{ x: curves.time, y: curves.drawdown, name: "below the highest", mode: "lines", fill: "tozeroy",
    line: { color: css("--down"), width: 1 }, fillcolor: css("--down") + "33", hovertemplate: "%{y:.1f} %" }];
  Plotly.react("drawdown", under, layout({ showlegend: false, yaxis: { ticksuffix: " %", nticks: 5 } }), still);
}

function drawWalk() {
  if (!curves.walk) return;
  const turns = curves.walk.turns.map((x) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, line: { color: css("--grid"), width: 1 } }));
  const line = [{ x: curves.walk.time, y: curves.walk.equity, mode: "lines", line: { color: css("--accent"), width: 2 }, hovertemplate: "%{y:+.1f} %<extra></extra>" }];
  Plotly.react("walk", line, layout({ shapes: turns, showlegend: false, yaxis: { ticksuffix: " %" } }), still);
}

function marks(of, side) {
  const at = of.side.map((one, i) => (one === side ? i : -1)).filter((i) => i >= 0);
  const pick = (name) => at.map((i) => of[name][i]);
  const color = side > 0 ? css("--up") : css("--down");
  const word = side > 0 ? "long" : "short";
  const paths = at.flatMap((i) => [[of.opened[i], of.entry[i]], [of.closed[i], of.exit[i]], [null, null]]);
  return [
    { x: paths.map((p) => p[0]), y: paths.map((p) => p[1]), mode: "lines", line: { color, width: 1, dash: "dot" }, hoverinfo: "skip", showlegend: false, type: "scattergl" },
    { x: pick("opened"), y: pick("entry"), mode: "markers", name: word + " in", type: "scattergl",
      marker: { symbol: side > 0 ? "triangle-up" : "triangle-down", size: 9, color, line: { color: css("--card"), width: 1 } }, hovertemplate: word + " in at %{y}<extra></extra>" },
    { x: pick("closed"), y: pick("exit"), text: pick("net").map((v) => v.toFixed(2)), mode: "markers", name: word + " out", type: "scattergl",
      marker: { symbol: "x-thin", size: 7, color, line: { color, width: 2 } }, hovertemplate: word + " out at %{y}, net %{text}<extra></extra>" },
  ];
}

function drawChart() {
  const one = curves.charts[shown];
  const candles = { type: "candlestick", x: one.time, open: one.open, high: one.high, low: one.low, close: one.close, name: one.symbol,
    increasing: { line: { color: css("--up"), width: 1 }, fillcolor: css("--up") + "66" }, decreasing: { line: { color: css("--down"), width: 1 }, fillcolor: css("--down") + "66" }, showlegend: false };
  const from = one.time[Math.max(0, one.time.length - 260)];
  const xaxis = { rangeslider: { visible: true, thickness: 0.08, yaxis: { rangemode: "auto" }, bgcolor: css("--paper"), bordercolor: css("--line"), borderwidth: 1 }, range: [from, one.time[one.time.length - 1]] };
  const view = layout({ dragmode: "pan", hovermode: "closest", xaxis, yaxis: { fixedrange: false } });
  Plotly.react("chart", [candles, ...marks(one.trades, 1), ...marks(one.trades, -1)], view, { ...still, scrollZoom: true }).then(fitPrices);
}

// A candle chart that is zoomed in time and not in price shows nothing: the price axis follows what is in view.
function fitPrices() {
  const div = document.getElementById("chart");
  const fit = () => {
    const [a, b] = div.layout.xaxis.range.map((t) => new Date(String(t).replace(" ", "T")).getTime());
    const one = curves.charts[shown];
    let low = Infinity, high = -Infinity;
    one.time.forEach((t, i) => { const at = new Date(t).getTime(); if (at >= a && at <= b) { low = Math.min(low, one.low[i]); high = Math.max(high, one.high[i]); } });
    if (high > low) Plotly.relayout(div, { "yaxis.range": [low - (high - low) * 0.06, high + (high - low) * 0.06] });
  };
  if (!div.dataset.fits) { div.on("plotly_relayout", (what) => { if (Object.keys(what).some((k) => k.startsWith("xaxis"))) fit(); }); div.dataset.fits = "1"; }
  fit();
}

function pickSymbols() {
  const box = document.getElementById("symbols");
  if (curves.charts.length < 2) return;
  curves.charts.forEach((one, i) => {
    const button = document.createElement("button");
    button.type = "button"; button.textContent = one.symbol; button.className = i === shown ? "on" : "";
    button.onclick = () => { shown = i; [...box.children].forEach((b, j) => { b.className = j === i ? "on" : ""; }); drawChart(); };
    box.append(button);
  });
}

const list = { rows: trades, page: 0, key: "opened", down: true, size: 25 };
const price = (v) => String(Number(v.toPrecision(8)));
const time = (v) => v.replace("T", " ").replace(/Z$/, "");
const text = { return: (v) => (v * 100).toFixed(2).replace("-", "−") + " %", net: (v) => v.toFixed(2).replace("-", "−"), entry: price, exit: price, opened: time, closed: time };
function drawTrades() {
  const body = document.querySelector("#trades tbody");
  const order = [...list.rows].sort((a, b) => (a[list.key] > b[list.key] ? 1 : a[list.key] < b[list.key] ? -1 : 0) * (list.down ? -1 : 1));
  const pages = Math.max(1, Math.ceil(order.length / list.size));
  list.page = Math.min(Math.max(0, list.page), pages - 1);
  const keys = [...document.querySelectorAll("#trades thead button")].map((b) => b.dataset.key);
  body.replaceChildren(...order.slice(list.page * list.size, (list.page + 1) * list.size).map((trade) => {
    const row = document.createElement("tr");
    keys.forEach((key) => {
      const cell = document.createElement("td");
      cell.textContent = text[key] ? text[key](trade[key]) : String(trade[key]);
      if (key === "net" || key === "return") cell.className = trade.net > 0 ? "up" : "down";
      row.append(cell);
    });
    return row;
  }));
  document.getElementById("page").textContent = order.length ? `${list.page + 1} of ${pages} · ${order.length.toLocaleString("en")} trades` : "no trades";
  document.querySelectorAll("#trades thead button").forEach((b) => b.classList.toggle("sorted", b.dataset.key === list.key));
}
document.querySelectorAll("#trades thead button").forEach((button) => {
  button.onclick = () => { list.down = list.key === button.dataset.key ? !list.down : true; list.key = button.dataset.key; drawTrades(); };
});
document.getElementById("back").onclick = () => { list.page -= 1; drawTrades(); };
document.getElementById("on").onclick = () => { list.page += 1; drawTrades(); };
document.getElementById("find").oninput = (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  list.rows = trades.filter((t) => words.every((w) => `${t.symbol} ${t.side} ${t.reason} ${t.opened}`.toLowerCase().includes(w)));
  list.page = 0; drawTrades();
};

function draw() { drawEquity(); drawWalk(); drawChart(); }
function dress(theme) { root.dataset.theme = theme; draw(); }
document.getElementById("theme").onclick = () => dress(root.dataset.theme === "dark" ? "light" : "dark");
root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
pickSymbols(); draw(); drawTrades();
