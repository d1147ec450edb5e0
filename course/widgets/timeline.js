// Each kind has a shape of its own, in the order of the case; the words beside it say the same.
const SHAPES = [
  "M -5 0 a 5 5 0 1 0 10 0 a 5 5 0 1 0 -10 0 z",
  "M 0 -6 L 6 5 L -6 5 z",
  "M 0 -6.5 L 6 0 L 0 6.5 L -6 0 z",
  "M -5 -5 h 10 v 10 h -10 z",
  "M -2 -6 h 4 v 4 h 4 v 4 h -4 v 4 h -4 v -4 h -4 v -4 h 4 z",
  "M 0 6 L 6 -5 L -6 -5 z",
];
const DAY_MS = 86_400_000;
// In the strip, marks closer than this share of its width (percent) stand on top of each other, so many at most.
const SLOT = 0.8;
const STACKED = 6;

/** @type {(place: number) => SVGElement} */
function shapeOf(place) {
  const shape = svg("path", { d: SHAPES[place % SHAPES.length] });
  return svg("svg", { viewBox: "-7 -7 14 14", "aria-hidden": "true" }, shape);
}

/** @type {(days: number) => string} */
function lengthOf(days) {
  const [count, unit] =
    days <= 60 ? [days, "day"] : days <= 730 ? [Math.round(days / 30.4), "month"] : [Math.round(days / 365), "year"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function marksKey(kinds) {
  const sign = (className, text) => el("span", { class: className, "aria-hidden": "true" }, text);
  return el(
    "ul",
    { class: "cf-key" },
    ...kinds.map(([kind], place) => el("li", {}, shapeOf(place), el("bdi", {}, kind))),
    el("li", {}, sign("cf-sample", ""), "dashed: not known yet at the clock"),
    el("li", {}, sign("cf-sample cf-claim", ""), "in a frame: the claim"),
    el("li", {}, sign("cf-odd", "?"), "you doubt it"),
    el("li", {}, sign("cf-odd", "≠"), "it does not fit"),
  );
}

// One entry on the lanes: its sign, its id and a few of its words. Its name says the day, the origin and all its words.
function makeMark(entry, place, take) {
  const odd = el("span", { class: "cf-odd", "aria-hidden": "true", hidden: true });
  const words = el("span", {}, el("b", {}, entry.id), " ", el("bdi", {}, entry.label), odd);
  const node = button("", take, { class: "cf-mark", "data-entry": entry.id, tabindex: "-1" });
  node.classList.toggle("cf-claim", entry.claim);
  node.append(shapeOf(place), words);
  node.addEventListener("focus", take);
  return {
    node,
    ...showChanges((item) => {
      const notes = [item.later, item.doubt && "you doubt it", item.conflicts.length && "does not fit"];
      const said = [`${entry.when}, ${entry.origin}: ${entry.id} ${entry.text}`, ...notes.filter(Boolean)].join(" · ");
      setAttributes(node, { "aria-label": said, title: said });
      node.classList.toggle("cf-later", Boolean(item.later));
      setText(odd, item.conflicts.length ? "≠" : "?");
      setHidden(odd, !item.conflicts.length && !item.doubt);
    }),
  };
}

// The years at a glance, true to scale, with a window where the lanes are. A press moves it.
function overview({ entries, stretches, years, year_starts, claim_day }, choose) {
  const [start, end] = [year_starts[0], year_starts[years.length]];
  const at = (day) => Math.max(0, Math.min(100, (100 * (day - start)) / (end - start)));
  const left = (day) => `left: ${at(day).toFixed(2)}%`;
  const heights = new Map();
  const dots = new Map(
    entries.map((entry) => {
      const slot = Math.round(at(entry.middle) / SLOT);
      const height = heights.get(slot) ?? 0;
      heights.set(slot, height + 1);
      const style = `left: ${(slot * SLOT).toFixed(2)}%; --height: ${Math.min(height, STACKED)}`;
      return [entry.id, el("span", { class: "cf-dot", style })];
    }),
  );
  const window_ = el("span", { class: "cf-window" });
  const now = el("span", { class: "cf-now" });
  const early = at(claim_day) < 50;
  const flag = el(
    "span",
    {
      class: "cf-flag",
      style: early ? `left: calc(${at(claim_day)}% + 1.25rem)` : `right: calc(${100 - at(claim_day)}% + 1.25rem)`,
    },
    early ? "◂ the claim" : "the claim ▸",
  );
  const node = el(
    "div",
    { class: "cf-over", role: "img" },
    ...years.map((year, place) =>
      el("span", { class: "cf-year", style: left(year_starts[place]) }, el("span", {}, `${year}`)),
    ),
    window_,
    ...dots.values(),
    flag,
    now,
  );
  node.addEventListener("click", (event) => {
    const box = node.getBoundingClientRect();
    const day = start + ((event.clientX - box.left) / box.width) * (end - start);
    const away = (stretch) => Math.max(stretch.from - day, day - stretch.to, 0);
    choose(stretches.reduce((best, stretch) => (away(stretch) < away(best) ? stretch : best)).code);
  });
  return {
    node,
    show(state, stretch) {
      const shown = new Set(state.shown);
      for (const [id, dot] of dots) {
        setHidden(dot, !shown.has(id));
        dot.classList.toggle("cf-later", Boolean(state.items[id].later));
      }
      setAttributes(now, { style: left(state.clock_end) });
      setAttributes(window_, {
        style: `${left(stretch.from)}; width: ${(at(stretch.to) - at(stretch.from)).toFixed(2)}%`,
      });
      setAttributes(node, {
        "aria-label": `${years[0]} to ${years[years.length - 1]} at a glance: ${shown.size} entries. The lanes below show ${stretch.name}.`,
      });
    },
  };
}

// The clock on the lanes: a line after what could be known, with a handle. Keys move the native range inside it.
function clockHandle(heads, set) {
  const name = el("span");
  const range = input("range", { min: 0, step: 1, "aria-label": "Clock, over the days shown" });
  const handle = el("label", { class: "cf-handle" }, arrow("◂"), name, arrow("▸"), range);
  const node = el("div", { class: "cf-clock" }, handle);
  /** @type {any[]} */
  let steps = [];
  let sent = -1;
  const move = (step) => {
    if (step === sent) return;
    sent = step;
    set(step ? steps[step - 1].last : dayBefore(steps[0].first));
  };
  range.addEventListener("input", () => move(Number(range.value)));
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    const drag = ({ clientX, clientY }) => {
      const passed = heads().filter((head) => {
        const box = head.getBoundingClientRect();
        return isList(node.parentElement) ? clientY > box.bottom : clientX > box.left + box.width / 2;
      });
      range.value = String(passed.length);
      move(passed.length);
    };
    handle.addEventListener("pointermove", drag);
    handle.addEventListener(
      "lostpointercapture",
      () => {
        handle.removeEventListener("pointermove", drag);
        range.focus();
      },
      { once: true },
    );
  });
  return {
    node,
    // Each step is a column: the clock stands at the end of its time.
    show(state, columns, answered) {
      steps = columns.filter(({ dated }) => dated);
      const step = steps.filter(({ to }) => to <= state.clock_end).length;
      setAttributes(range, { max: steps.length, "aria-valuetext": state.clock_name });
      if (answered) {
        sent = step;
        setValue(range, String(step));
      }
      setText(name, `clock: ${state.clock_name}`);
      const last = step ? columns.indexOf(steps[step - 1]) : -1;
      const place = last < 0 ? columns.findIndex(({ dated }) => dated) - 1 : last;
      setAttributes(node, { style: `grid-column: ${place + 2}; order: ${2 * place + 1}` });
      node.classList.toggle("cf-flip", place < 1);
    },
  };
}

/** @type {(sign: string) => HTMLElement} */
function arrow(sign) {
  return el("span", { "aria-hidden": "true" }, sign);
}

/** @type {(day: string) => string} */
function dayBefore(day) {
  return new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10);
}

/** @type {(words: string, datetime: string) => HTMLElement} */
function dateOf(words, datetime) {
  return datetime ? el("time", { datetime }, words) : el("span", {}, words);
}

// In a narrow place the lanes are a list by day.
/** @type {(node: Element | null) => boolean} */
function isList(node) {
  return node !== null && getComputedStyle(node).display === "flex";
}

// A lane for each origin and a column for each day with entries; the days between are folded and counted.
function lanes({ entries, origins, kinds }, take, setClock) {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const places = new Map(kinds.map(([kind], place) => [kind, place]));
  const marks = new Map(
    entries.map((entry) => [entry.id, makeMark(entry, places.get(entry.kind), () => take(entry.id))]),
  );
  const node = el("div", { class: "cf-lanes", role: "group", "aria-label": "Entries by day and origin" });
  const clock = clockHandle(() => [...node.querySelectorAll(".cf-day.cf-dated")], setClock);
  let drawn = "";
  /** @type {any[]} what each column of the grid is: a column of the stretch, or a fold */
  let columns = [];
  /** @type {{ id: string, column: number, lane: number, row: number }[]} in the order they are read */
  let cells = [];

  function head(column, place) {
    const { above, name, datetime, dated } = column;
    const style = `grid-column: ${place + 2}; order: ${2 * place}`;
    return el(
      "div",
      { class: dated ? "cf-day cf-dated" : "cf-day", style },
      el("small", {}, above),
      dateOf(name, datetime),
    );
  }

  function fold(column, place, rows) {
    const style = `grid-column: ${place + 2}; order: ${2 * place}`;
    const words = el("span", { class: "cf-fold-words" }, " without an entry");
    return [
      el("div", { class: "cf-day cf-fold", style, title: `${column.fold} without an entry` }, column.fold, words),
      el("div", { class: "cf-folded", style: `grid-column: ${place + 2}; grid-row: 2 / span ${rows}` }),
    ];
  }

  function cell(ids, lane, place, name) {
    const list = el("ul", { "aria-label": name }, ...ids.map((id) => el("li", {}, marks.get(id)?.node)));
    const style = `grid-column: ${place + 2}; grid-row: ${lane + 2}; order: ${2 * place}`;
    const shownName = el("span", { class: "cf-lane-name", "aria-hidden": "true" }, el("bdi", {}, name));
    return el("div", { class: "cf-cell", style }, shownName, list);
  }

  function redraw(stretch, shown) {
    columns = [];
    for (const column of stretch.columns) {
      const ids = column.entries.filter((id) => shown.has(id));
      if (!ids.length) continue;
      const before = columns.at(-1);
      const gap = before?.dated && column.dated ? column.from - before.to : 0;
      if (gap > 0) columns.push({ fold: lengthOf(gap) });
      columns.push({ ...column, entries: ids });
    }
    // A year beside its months is no place where the clock could stand.
    const holds = (column, other) => other.dated && other.from >= column.from && other.to < column.to;
    for (const column of columns) column.dated &&= !columns.some((other) => holds(column, other));
    const there = new Set(columns.flatMap((column) => column.entries ?? []).map((id) => byId.get(id).origin));
    const names = origins.map(([, name]) => name).filter((name) => there.has(name));
    cells = [];
    const parts = columns.flatMap((column, place) => {
      if (column.fold) return fold(column, place, names.length);
      const heading = head(column, place);
      heading.id = `cf-day-${Math.random().toString(36).slice(2)}`;
      const inside = names.flatMap((name, lane) => {
        const ids = column.entries.filter((id) => byId.get(id).origin === name);
        cells.push(...ids.map((id, row) => ({ id, column: place, lane, row })));
        return ids.length ? [cell(ids, lane, place, name)] : [];
      });
      return [el("div", { class: "cf-of-day", role: "group", "aria-labelledby": heading.id }, heading, ...inside)];
    });
    // Where many share a cell its column is wider, so that the lane gets no taller than it must.
    const most = (column) => Math.max(...cells.filter((cell) => cell.column === column).map(({ row }) => row + 1));
    const widths = columns.map((column, place) =>
      column.fold ? "2.75rem" : `minmax(6rem, ${Math.min(1.3, 0.95 + 0.05 * most(place)).toFixed(2)}fr)`,
    );
    setAttributes(node, { style: `--rows: ${names.length + 1}; --days: ${widths.join(" ")}` });
    node.replaceChildren(
      el("div", { class: "cf-day cf-corner", "aria-hidden": "true" }, el("small", {}, "Origin")),
      ...names.map((name, lane) =>
        el("div", { class: "cf-origin", style: `grid-row: ${lane + 2}`, "aria-hidden": "true" }, el("bdi", {}, name)),
      ),
      ...parts,
      ...(columns.some(({ dated }) => dated) ? [clock.node] : []),
    );
  }

  // The marks are one stop of Tab; arrows go along a lane and from lane to lane.
  /** @type {(key: string, all: boolean) => string | undefined} */
  function neighbour(key, all) {
    const here = cells.findIndex(({ id }) => id === held());
    const at = cells[here];
    if (!at) return undefined;
    const list = isList(node);
    const lane = cells.filter((other) => other.lane === at.lane);
    const ends = all || list ? cells : lane;
    /** @type {(from: typeof cells, distance: (cell: typeof at) => number) => string | undefined} */
    const nearest = (from, distance) => [...from].sort((one, other) => distance(one) - distance(other))[0]?.id;
    const along = (by) =>
      nearest(
        lane.filter(({ column }) => (column - at.column) * by > 0),
        ({ column, row }) => 100 * Math.abs(column - at.column) + Math.abs(row - at.row),
      );
    const across = (by) => {
      if (list) return cells[here + by]?.id;
      const beyond = cells.filter((other) =>
        other.lane === at.lane
          ? other.column === at.column && (other.row - at.row) * by > 0
          : (other.lane - at.lane) * by > 0,
      );
      return nearest(
        beyond,
        ({ lane, column, row }) =>
          10_000 * Math.abs(lane - at.lane) +
          100 * Math.abs(column - at.column) +
          (lane === at.lane ? Math.abs(row - at.row) : by * row),
      );
    };
    return {
      ArrowRight: () => along(1),
      ArrowLeft: () => along(-1),
      ArrowDown: () => across(1),
      ArrowUp: () => across(-1),
      Home: () => ends[0].id,
      End: () => ends[ends.length - 1].id,
    }[key]?.();
  }
  /** @type {() => string | undefined} */
  const held = () => cells.find(({ id }) => marks.get(id)?.node.tabIndex === 0)?.id;
  node.addEventListener("keydown", (event) => {
    if (!(event.target instanceof Element) || !event.target.classList.contains("cf-mark")) return;
    if (event.altKey || event.shiftKey || event.metaKey) return;
    if (!/^Arrow|^Home$|^End$/.test(event.key)) return;
    event.preventDefault();
    const next = neighbour(event.key, event.ctrlKey);
    if (next) marks.get(next)?.node.focus();
  });

  return {
    node,
    ids: () => cells.map(({ id }) => id),
    show(state, answered, stretch) {
      const key = `${stretch.code} ${state.shown.join()}`;
      if (key !== drawn) {
        drawn = key;
        const root = /** @type {Document | ShadowRoot} */ (node.getRootNode());
        const focused = hasFocus(node) ? /** @type {HTMLElement} */ (root.activeElement) : null;
        redraw(stretch, new Set(state.shown));
        if (focused && node.contains(focused)) focused.focus();
      }
      for (const [id, mark] of marks) mark.show(state.items[id], answered);
      clock.show(state, columns, answered);
    },
    hold(id) {
      // Whatever is in hand, one mark takes the Tab key.
      const stop = cells.some((cell) => cell.id === id) ? id : cells[0]?.id;
      for (const [other, { node }] of marks) {
        if (node.tabIndex !== (other === stop ? 0 : -1)) node.tabIndex = other === stop ? 0 : -1;
        if (other === id) setAttributes(node, { "aria-current": "true" });
        else node.removeAttribute("aria-current");
      }
    },
  };
}

// What is known of an entry in full, and the place to doubt it.
function makeCard(entry, kernel) {
  const later = el("strong", { class: "cf-not-yet" });
  const known = el("span");
  const conflicts = el("ul");
  const misfit = el("div", { class: "cf-found" }, el("strong", {}, "≠ This does not fit"), conflicts);
  const agreed = el("p", { class: "cf-agreed" });
  const reason = textarea(2, (because) => kernel.send("doubt", { entry: entry.id, because }));
  reason.dir = "auto";
  const doubt = details(
    "Doubt this entry",
    labelled("What does not fit, and why?", reason),
    smallPrint("Empty the field to take the doubt back."),
  );
  doubt.className = "cf-more";
  const status = el("span", { class: "cf-status" });
  const legend = el(
    "legend",
    {},
    `${entry.id} · `,
    dateOf(entry.when, entry.datetime),
    " · ",
    el("bdi", {}, entry.origin),
    " ",
    status,
  );
  const node = form(
    {},
    el(
      "fieldset",
      {},
      legend,
      el("p", { class: "cf-says", dir: "auto" }, entry.text),
      el("p", { class: "cf-soft" }, later, known, " · ", el("bdi", {}, entry.about)),
      misfit,
      agreed,
      doubt,
    ),
  );
  return {
    node,
    ...showChanges((item, answered, before) => {
      if (item.doubt && !before?.doubt) doubt.open = true;
      if (answered) setValue(reason, item.doubt);
      setText(status, item.doubt ? "(you doubt it)" : "");
      setTextOrHide(later, item.later ? `${item.later[0].toUpperCase()}${item.later.slice(1)}` : "");
      setText(known, item.later ? "" : `Could be known from ${entry.known_from}`);
      setHidden(misfit, item.conflicts.length === 0);
      replaceItems(conflicts, item.conflicts);
      setTextOrHide(agreed, item.agreed);
    }),
  };
}

// Boxes to tick, folded away: their summary says how many are ticked.
function choice(name, options, send) {
  const boxes = options.map(([value]) => input("checkbox", { value, onchange: () => changed() }));
  const changed = () => send(boxes.filter((box) => box.checked).map((box) => box.value));
  const all = button(`Show all ${name.toLowerCase()}`, () => send(options.map(([value]) => value)));
  const node = fieldset(
    name,
    ...options.map(([, text], place) => el("label", {}, boxes[place], el("bdi", {}, text))),
    all,
  );
  node.classList.add("cf-choice");
  return {
    node,
    show(values) {
      for (const box of boxes) if (box.checked !== values.includes(box.value)) box.checked = values.includes(box.value);
    },
    describe: (values) =>
      values.length === boxes.length ? "" : `${values.length} of ${boxes.length} ${name.toLowerCase()}`,
  };
}

function build({ fixed, kernel, saved, state: current }) {
  const byId = new Map(fixed.entries.map((entry) => [entry.id, entry]));
  const firstYear = `${fixed.years[0]}`;
  const day = input("date", { min: `${firstYear}-01-01`, max: "2099-12-31" });
  onTyping(day, (value) => value && day.validity.valid && kernel.send("clock", { clock: value }));
  const clocks = segments("Clock: what could be known by", fixed.clocks, (clock) => kernel.send("clock", { clock }));

  const period = select(fixed.periods, (value) => kernel.send("show", { period: value }));
  const origins = choice("Origins", fixed.origins, (values) => kernel.send("show", { origins: values }));
  const kinds = choice("Kinds", fixed.kinds, (values) => kernel.send("show", { kinds: values }));
  const filtersSummary = el("summary", { ...SUPPRESS });
  const filters = el(
    "details",
    { class: "cf-more cf-filters" },
    filtersSummary,
    form({ class: "cf-controls" }, labelled("Period", period), origins.node, kinds.node),
  );

  const counted = el("strong", { class: "cf-lead" });
  const later = el("span", { class: "cf-soft" });
  const doubts = el("p", { role: "status" });
  // Where there is room it keeps its place while it is not shown, so that nothing moves when the clock does.
  const hindsight = el("p", { class: "cf-hindsight" }, fixed.hindsight);

  // Which part of the time the lanes show, and which entry is in hand, belong to this view and not to the ledger.
  let stretch = fixed.stretches.find(({ code }) => code === "week") ?? fixed.stretches[0];
  let inHand = "";
  const parts = segments(
    "Stretch of time",
    fixed.stretches.map(({ code, name }) => [code, name]),
    (code) => choose(code),
  );
  parts.node.classList.add("cf-stretch");
  parts.node.querySelector("legend")?.classList.add("cf-unseen");
  const strip = overview(fixed, (code) => choose(code));
  const rows = lanes(
    fixed,
    (id) => take(id),
    (clock) => kernel.send("clock", { clock }),
  );
  const nothing = el("p", { class: "cf-soft" }, "No entry is shown in this stretch of time.");
  const cards = new Map();
  const detail = el("section", { class: "cf-detail", "aria-label": "The entry in hand" });
  const holder = el("div");
  detail.append(holder, saved.node);

  function take(id) {
    inHand = id;
    rows.hold(id);
    setHidden(detail, !id);
    if (!id) return;
    const card = keep(cards, id, () => makeCard(byId.get(id), kernel));
    card.show(current().items[id], !kernel.pending());
    if (holder.firstChild !== card.node) holder.replaceChildren(card.node);
  }
  function choose(code) {
    stretch = fixed.stretches.find((part) => part.code === code) ?? stretch;
    show(current(), !kernel.pending());
  }
  const withEntries = (part, shown) => part.columns.some(({ entries }) => entries.some((id) => shown.has(id)));

  const asTable = foldedTable(
    "The same as a table",
    "The entries shown, in order of time",
    ["Entry", "When", "What", "Kind", "Origin", "Could be known at the clock?", "Doubt"],
    (state) =>
      state.shown.map((id) => {
        const { when, text, kind, origin } = byId.get(id);
        const { later: notYet, conflicts, doubt } = state.items[id];
        const doubted = [doubt && `you: ${doubt}`, ...conflicts.map((conflict) => `does not fit: ${conflict}`)];
        return [id, when, text, kind, origin, notYet || "yes", doubted.filter(Boolean).join(" ")];
      }),
  );
  asTable.node.classList.add("cf-more");
  const key = details("What the marks mean", marksKey(fixed.kinds));
  key.classList.add("cf-more");

  function show(state, answered) {
    if (answered) {
      setValue(day, state.day);
      setValue(clocks, state.clock);
      setValue(period, state.period);
      origins.show(state.origins);
      kinds.show(state.kinds);
    }
    const fewer = [
      state.period === fixed.periods[0][0] ? "" : fixed.periods.find(([code]) => code === state.period)[1],
      origins.describe(state.origins),
      kinds.describe(state.kinds),
    ].filter(Boolean);
    setText(filtersSummary, `Filter: ${fewer.join(" · ") || "everything is shown"}`);
    setText(counted, state.counted);
    setText(later, state.still_to_come);
    setText(doubts, state.doubts);
    hindsight.classList.toggle("cf-away", !state.hindsight);

    const shown = new Set(state.shown);
    if (!withEntries(stretch, shown)) stretch = fixed.stretches.find((part) => withEntries(part, shown)) ?? stretch;
    setValue(parts, stretch.code);
    for (const radio of parts.node.querySelectorAll("input")) {
      const part = fixed.stretches.find(({ code }) => code === radio.value);
      if (radio.disabled === withEntries(part, shown)) radio.disabled = !radio.disabled;
    }
    strip.show(state, stretch);
    rows.show(state, answered, stretch);
    const ids = rows.ids();
    setHidden(nothing, ids.length > 0);
    // Nobody's field goes away while they are writing in it.
    if (ids.includes(inHand) || hasFocus(detail)) take(inHand);
    else take(ids.find((id) => byId.get(id).claim) ?? ids[0] ?? "");
  }
  return {
    content: [
      el(
        "section",
        { class: "cf-top", "aria-label": "What could be known" },
        el("div", {}, el("p", { role: "status" }, counted, " ", later), doubts),
        el(
          "div",
          {},
          form({ class: "cf-clocks" }, clocks.node, labelled(`or any day, from ${firstYear} on`, day)),
          hindsight,
        ),
      ),
      strip.node,
      form({}, parts.node),
      nothing,
      rows.node,
      detail,
      filters,
      key,
      asTable.node,
      fixed.undated ? smallPrint(fixed.undated) : null,
    ].filter((node) => node !== null),
    show,
    forget() {
      for (const card of cards.values()) card.forget();
    },
  };
}

export default widget("cf-timeline", "Timeline", build);
