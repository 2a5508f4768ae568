// Candles and curves, drawn by Lightweight Charts and changed in place: zoom and position stay the reader's own.
(() => {
  "use strict";
  const ink = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const looks = () => ({
    layout: { background: { type: "solid", color: "transparent" }, textColor: ink("--quiet"), fontFamily: ink("--font") || "system-ui", fontSize: 11, attributionLogo: true },
    grid: { vertLines: { color: ink("--line") }, horzLines: { color: ink("--line") } },
    rightPriceScale: { borderVisible: false }, timeScale: { borderVisible: false, timeVisible: true, secondsVisible: false, rightOffset: 6 },
    crosshair: { mode: 0 },
  });
  const candleInk = () => ({ upColor: ink("--good"), downColor: ink("--bad"), wickUpColor: ink("--good"), wickDownColor: ink("--bad"), borderVisible: false });
  const known = new WeakMap();

  const open = (el) => {
    const L = window.LightweightCharts;
    if (!L) return null;
    const note = el.querySelector(".note") || Object.assign(document.createElement("div"), { className: "note" });
    const legend = Object.assign(document.createElement("div"), { className: "legend" });
    el.replaceChildren(note, legend);
    const chart = L.createChart(el, { ...looks(), autoSize: true });
    const candles = chart.addSeries(L.CandlestickSeries, candleInk());
    const volume = chart.addSeries(L.HistogramSeries, { priceFormat: { type: "volume" }, priceScaleId: "volume", lastValueVisible: false, priceLineVisible: false });
    chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    const state = { chart, candles, volume, note, legend, at: null, rows: new Map(), lines: [], markers: L.createSeriesMarkers(candles, []), averages: {}, ends: {}, title: "", first: 0, last: 0 };
    known.set(el, state);
    chart.subscribeCrosshairMove((move) => { state.at = move.time ?? null; tell(state); });
    el.addEventListener("dblclick", () => newest(state));
    return state;
  };
  // The bar under the crosshair, or the newest, in figures; and what the lines are.
  const part = (words, tone) => Object.assign(document.createElement("span"), { textContent: words, className: tone || "" });
  const tell = (s) => {
    const row = s.rows.get(s.at) || s.rows.get(s.last);
    if (!row) { s.legend.replaceChildren(); return; }
    const [, open, high, low, close] = row, as = (value) => value.toFixed(s.precision), change = 100 * (close / open - 1);
    const figures = `O ${as(open)}  H ${as(high)}  L ${as(low)}  C ${as(close)}  `;
    s.legend.replaceChildren(part(figures), part(`${change < 0 ? "▼" : "▲"} ${Math.abs(change).toFixed(2)} %`, change < 0 ? "bad" : "good"), ...Object.keys(s.averages).map((name, i) => part(`EMA ${name}`, i ? "warn" : "accent")), part("dotted: support, resistance", "quiet"));
  };
  const newest = (s) => s.chart.timeScale().setVisibleLogicalRange({ from: s.rows.size - Math.min(130, s.rows.size), to: s.rows.size + 5 });
  const bar = (row) => ({ time: row[0], open: row[1], high: row[2], low: row[3], close: row[4] });
  const vol = (row) => ({ time: row[0], value: row[5], color: (row[4] >= row[1] ? ink("--good") : ink("--bad")) + "55" });

  const take = (el, told) => {
    if (el.dataset.panel === "curve") return curve(el, told);
    const s = known.get(el) || open(el);
    if (!s) return;
    s.note.textContent = told.trouble || "";
    el.classList.toggle("mute", Boolean(told.trouble));
    s.chart.applyOptions({ handleScroll: !told.trouble });
    // What the reader looked at comes back with the candles.
    if (told.trouble) { if (s.title) s.before = { title: s.title, span: s.chart.timeScale().getVisibleLogicalRange() }; s.chart.clearCrosshairPosition(); s.at = null; s.candles.setData([]); s.volume.setData([]); s.title = ""; s.drawn = s.marks = ""; s.ends = {}; s.rows.clear(); s.legend.replaceChildren(); s.lines.forEach((l) => s.candles.removePriceLine(l)); s.lines = []; s.markers.setMarkers([]); for (const a of Object.values(s.averages)) a.setData([]); return; }
    const title = told.symbol + told.interval, rows = told.bars;
    // The same chart a moment later: only what is new is drawn. Another one: everything, and the newest bars in view.
    const follows = title === s.title && rows.length && rows[0][0] >= s.first && rows[0][0] <= s.last;
    if (!follows) s.rows.clear();
    for (const row of rows) s.rows.set(row[0], row);
    if (follows) for (const row of rows.filter((r) => r[0] >= s.last)) { s.candles.update(bar(row)); s.volume.update(vol(row)); }
    else {
      s.candles.applyOptions({ priceFormat: { type: "price", precision: told.precision, minMove: 10 ** -told.precision } });
      s.candles.setData(rows.map(bar));
      s.volume.setData(rows.map(vol));
      if (s.before?.title === title && s.before.span) s.chart.timeScale().setVisibleLogicalRange(s.before.span);
      else newest(s);
      s.before = null;
      s.first = rows[0][0];
    }
    s.title = title;
    s.last = rows[rows.length - 1][0];
    s.precision = told.precision;
    const L = window.LightweightCharts;
    for (const [name, points] of Object.entries(told.averages)) {
      s.averages[name] ||= s.chart.addSeries(L.LineSeries, { lineWidth: 1, color: name === "21" ? ink("--accent") : ink("--warn"), lastValueVisible: false, priceLineVisible: false, crosshairMarkerVisible: false });
      const line = s.averages[name], last = s.ends[name] || 0;
      if (follows && last) points.filter((p) => p[0] >= last).forEach((p) => line.update({ time: p[0], value: p[1] }));
      else line.setData(points.map((p) => ({ time: p[0], value: p[1] })));
      s.ends[name] = points.length ? points[points.length - 1][0] : 0;
    }
    const colours = { stop: ink("--bad"), target: ink("--good"), entry: ink("--accent"), level: ink("--quiet") };
    const drawn = JSON.stringify(told.lines);
    if (drawn !== s.drawn) {
      s.drawn = drawn;
      s.lines.forEach((line) => s.candles.removePriceLine(line));
      s.lines = told.lines.map((l) => s.candles.createPriceLine({ price: l.price, color: colours[l.kind], lineWidth: l.kind === "level" ? 1 : 2, lineStyle: l.kind === "entry" ? 0 : l.kind === "level" ? 1 : 2, axisLabelVisible: l.kind !== "level", title: l.title }));
    }
    tell(s);
    const marks = JSON.stringify(told.markers);
    if (marks !== s.marks || !follows) {
      s.marks = marks;
      s.markers.setMarkers(told.markers.map((m) => ({ time: m.time, position: m.below ? "belowBar" : "aboveBar", shape: m.shape, color: colours[m.kind] || ink("--accent"), text: m.text })));
    }
  };

  const curve = (el, told) => {
    const L = window.LightweightCharts;
    if (!L) return;
    let s = known.get(el);
    if (!told.points.length) { el.textContent = ""; el.append(Object.assign(document.createElement("div"), { className: "empty", textContent: told.empty })); known.delete(el); s?.chart.remove(); return; }
    if (!s) {
      el.replaceChildren();
      const chart = L.createChart(el, { ...looks(), autoSize: true });
      s = { chart, series: chart.addSeries(L.AreaSeries, {}), bands: [] };
      known.set(el, s);
    }
    const colour = ink(told.falls ? "--bad" : "--accent");
    s.series.applyOptions({ lineColor: colour, topColor: colour + (told.falls ? "08" : "40"), bottomColor: colour + (told.falls ? "40" : "04"), invertFilledArea: false, lineWidth: 2, priceFormat: { type: "price", precision: 2, minMove: 0.01 } });
    s.series.setData(told.points.map((p) => ({ time: p[0], value: p[1] })));
    (told.bands || []).forEach((band, i) => {
      s.bands[i] ||= s.chart.addSeries(L.LineSeries, { lineWidth: 1, lineStyle: 2, lastValueVisible: true, priceLineVisible: false });
      s.bands[i].applyOptions({ color: ink("--quiet"), title: band.title });
      s.bands[i].setData(band.points.map((p) => ({ time: p[0], value: p[1] })));
    });
    if (!s.fitted) { s.chart.timeScale().fitContent(); s.fitted = true; }
  };

  window.addEventListener("crew-theme", () => {
    for (const el of document.querySelectorAll('[data-panel="chart"],[data-panel="curve"]')) {
      const s = known.get(el);
      if (!s) continue;
      // Its colours alone: the rest of the looks would move what the reader has zoomed to.
      const { layout, grid } = looks();
      s.chart.applyOptions({ layout, grid });
      s.candles?.applyOptions(candleInk());
      // Lines and marks are drawn in the new ink at the next beat.
      s.drawn = s.marks = "";
      for (const [name, line] of Object.entries(s.averages || {})) line.applyOptions({ color: name === "21" ? ink("--accent") : ink("--warn") });
    }
  });
  const span = (el) => known.get(el)?.chart.timeScale().getVisibleLogicalRange() ?? null;
  window.crewChart = { take, mount: () => {}, span };
})();
