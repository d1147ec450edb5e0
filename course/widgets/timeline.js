// Each kind has a shape of its own, in the order of the case; the words beside it say the same.
const SHAPES = [
  "M -5 0 a 5 5 0 1 0 10 0 a 5 5 0 1 0 -10 0 z",
  "M 0 -6 L 6 5 L -6 5 z",
  "M 0 -6.5 L 6 0 L 0 6.5 L -6 0 z",
  "M -5 -5 h 10 v 10 h -10 z",
  "M -2 -6 h 4 v 4 h 4 v 4 h -4 v 4 h -4 v -4 h -4 v -4 h 4 z",
  "M 0 6 L 6 -5 L -6 -5 z",
];
// Marks stand closer where many share a day, so that the picture and the first cards fit on one screen.
const ROWS = { few: 17, many: 14 };
const MANY = 24;
const TOP = 20;
const FOOT = 22;
const MARK = 8.5;
const LETTER = 7.5;

function shapeOf(place, attributes) {
  return svg("path", { d: SHAPES[place % SHAPES.length], ...attributes });
}

function keyItem(text, ...shapes) {
  const picture = svg("svg", { width: 22, height: 22, viewBox: "-11 -11 22 22", "aria-hidden": "true" }, ...shapes);
  return el("li", {}, picture, text);
}

function pictureKey(kinds) {
  return el(
    "ul",
    { class: "cf-key" },
    ...kinds.map(([kind], place) => keyItem(kind, shapeOf(place, { class: "cf-known" }))),
    keyItem("a bar: somewhere in this time", svg("rect", { class: "cf-span", x: -10, y: -3, width: 20, height: 6 })),
    keyItem("hollow and dashed: not known yet at the clock", shapeOf(0, { class: "cf-later" })),
    keyItem("? you doubt it", shapeOf(0, { class: "cf-known" })),
    keyItem(
      "≠ in a frame: it does not fit",
      shapeOf(0, { class: "cf-known" }),
      svg("rect", { class: "cf-frame", x: -MARK, y: -MARK, width: 2 * MARK, height: 2 * MARK }),
    ),
  );
}

// Marks along an axis, each in the lowest row where it and its name are free. All nodes are made once.
function timePicture({ entries, periods, kinds }) {
  const places = new Map(kinds.map(([kind], place) => [kind, place]));
  const root = svg("svg", { role: "img" });
  const axis = svg("line", { class: "cf-axis" });
  const clock = svg("line", { class: "cf-clock" });
  const clockName = svg("text", { y: 12 }, "clock");
  const ticks = [];
  // Each mark is laid out once around its own middle and then only moved, which costs next to nothing.
  const marks = new Map(
    entries.map((entry) => {
      const mark = {
        entry,
        span: svg("rect", { class: "cf-span", y: -3, height: 6 }),
        shape: shapeOf(places.get(entry.kind), {}),
        frame: svg("rect", { class: "cf-frame", x: -MARK, y: -MARK, width: 2 * MARK, height: 2 * MARK }),
        name: svg("text", { y: 4 }),
      };
      mark.node = svg("g", { visibility: "hidden" }, entry.exact ? null : mark.span, mark.shape, mark.frame, mark.name);
      return [entry.id, mark];
    }),
  );
  root.append(clock, axis, clockName, ...[...marks.values()].map((mark) => mark.node));

  function drawTicks(period, x, width, foot) {
    while (ticks.length < period.ticks.length) {
      const tick = { line: svg("line", { class: "cf-axis" }), name: svg("text", { class: "cf-tick" }) };
      tick.node = svg("g", {}, tick.line, tick.name);
      ticks.push(tick);
      root.append(tick.node);
    }
    // A name stands in the middle of its time, and every second or third is left out where they would touch.
    const room = width / Math.max(1, period.ticks.length);
    const widest = Math.max(...period.ticks.map(([, name]) => name.length)) * LETTER + 6;
    const step = Math.ceil(widest / room);
    ticks.forEach((tick, place) => {
      const [from, name] = period.ticks[place] ?? [];
      setAttributes(tick.node, { display: name ? "inline" : "none" });
      if (!name) return;
      const to = period.ticks[place + 1]?.[0] ?? period.to;
      setAttributes(tick.line, { x1: x(from), x2: x(from), y1: foot, y2: foot + 5 });
      setAttributes(tick.name, { x: (x(from) + x(to)) / 2, y: foot + 18, "text-anchor": "middle" });
      setText(tick.name, place % step ? "" : name);
    });
  }

  function draw(state, width) {
    const period = periods.find(({ code }) => code === state.period);
    const inside = width - 2 * MARK;
    const x = (day) => {
      const share = (Math.min(Math.max(day, period.from), period.to) - period.from) / (period.to - period.from);
      return Math.round(10 * (MARK + share * inside)) / 10;
    };
    const rows = [];
    const shown = new Set(state.shown);
    const drawn = [];
    for (const [id, mark] of marks) {
      setAttributes(mark.node, { visibility: shown.has(id) ? "visible" : "hidden" });
      if (!shown.has(id)) {
        // Out of the way as well, or it would still widen what can be scrolled.
        setAttributes(mark.node, { transform: "translate(0 0)" });
        continue;
      }
      const item = state.items[id];
      const text = item.conflicts.length ? `≠ ${id}` : item.doubt ? `? ${id}` : id;
      const [from, to] = [x(mark.entry.from), x(mark.entry.to)];
      const middle = (from + to) / 2;
      const long = text.length * LETTER + 4;
      const left = middle + MARK + long > width;
      const ends = mark.entry.exact ? [middle, middle] : [from, to];
      const box = [
        Math.min(ends[0], middle - MARK - (left ? long : 0)),
        Math.max(ends[1], middle + MARK + (left ? 0 : long)),
      ];
      let row = rows.findIndex((taken) => taken.every(([start, end]) => box[1] <= start || end <= box[0]));
      if (row < 0) row = rows.push([]) - 1;
      rows[row].push(box);
      drawn.push({ mark, item, text, from, to, middle, left, row });
    }
    const tall = rows.length > MANY ? ROWS.many : ROWS.few;
    const foot = TOP + Math.max(1, rows.length) * tall + 4;
    for (const { mark, item, text, from, to, middle, left, row } of drawn) {
      const conflicting = item.conflicts.length > 0;
      setAttributes(mark.node, { transform: `translate(${middle} ${foot - 4 - (row + 0.5) * tall})` });
      setAttributes(mark.span, {
        x: from - middle,
        width: to - from,
        class: item.later ? "cf-span cf-later" : "cf-span",
      });
      setAttributes(mark.shape, { class: item.later ? "cf-later" : "cf-known" });
      setAttributes(mark.frame, { display: conflicting ? "inline" : "none" });
      setAttributes(mark.name, {
        x: left ? -MARK - 2 : MARK + 2,
        "text-anchor": left ? "end" : "start",
        class: `cf-name${item.later ? " cf-name-later" : ""}${conflicting ? " cf-name-found" : ""}`,
      });
      setText(mark.name, text);
    }
    drawTicks(period, x, inside, foot);
    setAttributes(axis, { x1: MARK, x2: width - MARK, y1: foot, y2: foot });
    const here = state.clock_end > period.from && state.clock_end <= period.to;
    const at = x(state.clock_end);
    setAttributes(clock, { x1: at, x2: at, y1: 0, y2: foot, display: here ? "inline" : "none" });
    setAttributes(clockName, {
      x: at > width / 2 ? at - 5 : at + 5,
      "text-anchor": at > width / 2 ? "end" : "start",
      display: here ? "inline" : "none",
    });
    const height = foot + FOOT;
    setAttributes(root, {
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      "aria-label": `${period.name}. ${state.counted} ${state.still_to_come} ${state.doubts} Each mark is in the table below.`,
    });
  }
  return { node: root, draw };
}

function makeCard(entry, kernel) {
  const later = el("strong", { class: "cf-not-yet" });
  const laterLine = el("p", {}, later);
  const conflicts = el("ul");
  const misfit = el("div", { class: "cf-found" }, el("strong", {}, "≠ This does not fit"), conflicts);
  const agreed = el("p", { class: "cf-agreed" });
  const reason = textarea(2, (because) => kernel.send("doubt", { entry: entry.id, because }));
  const doubt = details(
    "Doubt this entry",
    labelled("What does not fit, and why?", reason),
    smallPrint("Empty the field to take the doubt back."),
  );
  const status = el("span", { class: "cf-status" });
  const node = form(
    { class: "cf-card" },
    fieldset(
      `${entry.id} · ${entry.when} `,
      status,
      el("p", {}, entry.text),
      laterLine,
      misfit,
      agreed,
      smallPrint(entry.about),
      doubt,
    ),
  );
  return {
    node,
    id: entry.id,
    ...showChanges((item, answered, before) => {
      if (item.doubt && !before?.doubt) doubt.open = true;
      if (answered) setValue(reason, item.doubt);
      setText(status, item.doubt ? "(you doubt it)" : "");
      setText(later, item.later ? `${item.later[0].toUpperCase()}${item.later.slice(1)}` : "");
      setHidden(laterLine, !item.later);
      node.classList.toggle("cf-unknown", Boolean(item.later));
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
  const summary = el("summary", { ...SUPPRESS });
  const all = button(`Show all ${name.toLowerCase()}`, () => send(options.map(([value]) => value)));
  const node = el(
    "details",
    { class: "cf-choice" },
    summary,
    fieldset(name, ...options.map(([, text], place) => el("label", {}, boxes[place], text)), all),
  );
  return {
    node,
    show(values) {
      boxes.forEach((box) => {
        if (box.checked !== values.includes(box.value)) box.checked = values.includes(box.value);
      });
    },
    name(values) {
      setText(
        summary,
        `${name}: ${values.length === boxes.length ? "all" : values.length} of ${boxes.length} shown`.replace(
          "all of",
          "all",
        ),
      );
    },
  };
}

function build({ fixed, kernel }) {
  const day = input("date", { min: "2011-01-01", max: "2099-12-31" });
  onTyping(day, (value) => value && day.validity.valid && kernel.send("clock", { clock: value }));
  const named = fixed.clocks.map(([clock, text]) => button(text, () => kernel.send("clock", { clock })));
  const period = select(
    fixed.periods.map(({ code, name }) => [code, name]),
    (value) => kernel.send("show", { period: value }),
  );
  const origins = choice("Origins", fixed.origins, (values) => kernel.send("show", { origins: values }));
  const kinds = choice("Kinds", fixed.kinds, (values) => kernel.send("show", { kinds: values }));

  const counted = el("strong", { class: "cf-lead" });
  const later = el("span");
  const doubts = el("p", { role: "status", "aria-live": "polite" });
  // It keeps its place while it is not shown, so that picture and cards stay where they are when the clock is moved.
  const hindsight = el("p", { class: "cf-hindsight" }, fixed.hindsight);
  const picture = timePicture(fixed);
  const byId = new Map(fixed.entries.map((entry) => [entry.id, entry]));
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
  const panel = totalsPanel(
    "What could be known",
    el("p", { role: "status", "aria-live": "polite" }, counted, " ", later),
    doubts,
    hindsight,
    picture.node,
    details("What the marks mean", pictureKey(fixed.kinds)),
    asTable.node,
    fixed.undated ? smallPrint(fixed.undated) : null,
  );

  const cards = fixed.entries.map((entry) => makeCard(entry, kernel));
  const list = scrollable("cf-cards", "Entries", ...cards.map((card) => card.node));

  function show(state, answered) {
    if (answered) {
      setValue(day, state.day);
      setValue(period, state.period);
      origins.show(state.origins);
      kinds.show(state.kinds);
    }
    origins.name(state.origins);
    kinds.name(state.kinds);
    named.forEach((button, place) => {
      setAttributes(button, { "aria-pressed": state.clock === fixed.clocks[place][0] });
    });
    setText(counted, state.counted);
    setText(later, state.still_to_come);
    setText(doubts, state.doubts);
    hindsight.classList.toggle("cf-away", !state.hindsight);
    const shown = new Set(state.shown);
    for (const card of cards) {
      card.show(state.items[card.id], answered);
      // Nobody's field goes away while they are writing in it.
      setHidden(card.node, !shown.has(card.id) && !hasFocus(card.node));
    }
    asTable.show(state);
  }
  return {
    content: [
      form(
        { class: "cf-controls" },
        el(
          "fieldset",
          { class: "cf-wide" },
          el("legend", {}, "Clock: what could be known by"),
          el("div", { class: "cf-clocks" }, labelled("Day, from 2011 on", day), ...named),
        ),
        el(
          "div",
          { class: "cf-filters" },
          labelled("Period", period, { class: "cf-field cf-period" }),
          origins.node,
          kinds.node,
        ),
      ),
      panel,
      list,
    ],
    show,
    draw: picture.draw,
    measured: panel,
    forget() {
      for (const card of cards) card.forget();
    },
  };
}

export default widget("cf-timeline", "Timeline", build);
