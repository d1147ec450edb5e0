// EvidenceBoard's view. It shows the state Python works out and sends back what the learner rates; it knows no rule.

const PARTS = ["reliability", "credibility", "directness", "bearing", "interest"];
const PART_NAMES = {
  reliability: "Source: how reliable?",
  credibility: "Item: how credible?",
  directness: "How direct?",
  bearing: "If it were right, it would be",
  interest: "Would they say so anyway?",
};
const STATUS = { rated: "rated", started: "started, not complete", blank: "not rated yet" };

function makeCard(statement, fixed, judge) {
  const chosen = {};
  const fields = PARTS.map((part) => {
    // Whoever does not answer the last question has answered "unknown".
    const options = part === "interest" ? fixed[part] : [["", "not rated"], ...fixed[part]];
    chosen[part] = select(options, (value) => judge(statement.id, part, value));
    return labelled(PART_NAMES[part], chosen[part]);
  });
  const origin = input("text", { list: fixed.listId, autocomplete: "off" });
  const reason = textarea(2, (value) => judge(statement.id, "reason", value));
  onTyping(origin, (value) => judge(statement.id, "origin", value));

  const weight = el("strong", { class: "cf-weight" });
  const counts = el("span", { class: "cf-counts" });
  const status = el("span", { class: "cf-status" });
  const carried = el("p", { class: "cf-soft", hidden: true });
  const how = el("p");
  const node = form(
    { class: "cf-card" },
    fieldset(
      `${statement.id} · ${statement.who} `,
      status,
      el("p", {}, statement.content),
      quotation(statement, "cf-quoted cf-soft"),
      el("p", { class: "cf-about cf-soft" }, statement.about),
      carried,
      el("div", { class: "cf-ratings" }, ...fields),
      el(
        "div",
        { class: "cf-words" },
        labelled("Origin: where does the knowledge come from?", origin),
        labelled("Because", reason),
      ),
      el("details", {}, el("summary", { ...SUPPRESS }, "Weight: ", weight, " ", counts), how),
      editorsNote(statement),
    ),
  );
  const inputs = [...PARTS.map((part) => chosen[part]), origin, reason];
  const card = {
    node,
    id: statement.id,
    status: "blank",
    ...showChanges((item, answered) => {
      if (answered) setValues(inputs, item.rated);
      card.status = item.status;
      setText(status, `(${STATUS[item.status]})`);
      setTextOrHide(carried, item.carried);
      setText(weight, item.weight);
      setText(counts, item.counts);
      setText(how, item.how);
    }),
  };
  return card;
}

// Each origin's weight: a bar from zero to its point, right for and left against, with its interval as a line.
// Rows are made once and then only changed where they differ, which keeps a repaint within one frame.
function weightsPicture() {
  const ROW = 44;
  const MARGIN = 12;
  const root = svg("svg", { role: "img" });
  const rows = [];
  const [against, zero, for_] = ["◀ against", "0 dB", "for ▶"].map((text) => svg("text", {}, text));
  root.append(against, zero, for_);

  function makeRow(place) {
    const top = place * ROW;
    const row = {
      label: svg("text", { x: 0, y: top + 14 }),
      bar: svg("rect", { y: top + 20, height: 14 }),
      zero: svg("line", { class: "cf-zero", y1: top + 18, y2: top + 36 }),
      range: svg("line", { class: "cf-range", y1: top + 27, y2: top + 27 }),
      low: svg("line", { class: "cf-range", y1: top + 22, y2: top + 32 }),
      high: svg("line", { class: "cf-range", y1: top + 22, y2: top + 32 }),
    };
    row.node = svg("g", {}, row.label, row.bar, row.zero, row.range, row.low, row.high);
    return row;
  }
  function draw(contributions, width) {
    const reach = Math.max(
      10,
      ...contributions.flatMap((contribution) => [Math.abs(contribution.low), Math.abs(contribution.high)]),
    );
    const x = (db) => Math.round(10 * (width / 2 + (db / reach) * (width / 2 - MARGIN))) / 10;
    const upright = (db) => ({ x1: x(db), x2: x(db) });
    while (rows.length < contributions.length) {
      rows.push(makeRow(rows.length));
      root.append(rows.at(-1).node);
    }
    rows.forEach((row, place) => {
      const contribution = contributions[place];
      setAttributes(row.node, { display: contribution ? "inline" : "none" });
      const drawn = contribution && [contribution.label, contribution.value, reach, width].join();
      if (!contribution || drawn === row.drawn) return;
      row.drawn = drawn;
      setText(row.label, `${contribution.label}: ${contribution.value}`);
      setAttributes(row.bar, {
        class: contribution.point < 0 ? "cf-bar-against" : "cf-bar-for",
        x: Math.min(x(0), x(contribution.point)),
        width: Math.abs(x(contribution.point) - x(0)).toFixed(1),
      });
      setAttributes(row.zero, upright(0));
      setAttributes(row.range, { x1: x(contribution.low), x2: x(contribution.high) });
      setAttributes(row.low, upright(contribution.low));
      setAttributes(row.high, upright(contribution.high));
    });
    const height = Math.max(1, contributions.length) * ROW + 34;
    setAttributes(root, { width, height, viewBox: `0 0 ${width} ${height}` });
    setAttributes(against, { x: 0, y: height - 4 });
    setAttributes(zero, { x: x(0), y: height - 4, "text-anchor": "middle" });
    setAttributes(for_, { x: width, y: height - 4, "text-anchor": "end" });
  }
  return { node: root, draw };
}

// The chance on the scale of words: the bounds as a line, the point as a diamond.
function wordsPicture(words) {
  const root = svg("svg", { role: "img", height: 52 });
  const scale = svg("rect", { class: "cf-scale", y: 10, height: 18 });
  const edges = words.slice(1).map(() => svg("line", { class: "cf-edge", y1: 10, y2: 28 }));
  const range = svg("line", { class: "cf-chance", y1: 19, y2: 19 });
  const diamond = svg("path", { class: "cf-point" });
  const marks = ["0 %", "50 %", "100 %"].map((text) => svg("text", { y: 46 }, text));
  root.append(scale, ...edges, range, diamond, ...marks);

  // Nothing rated is not an even chance: then the scale stays empty.
  function draw(bounds, width) {
    const [low, point, high] = bounds.length > 0 ? bounds : [0.5, 0.5, 0.5];
    for (const mark of [range, diamond]) setAttributes(mark, { display: bounds.length > 0 ? "inline" : "none" });
    const x = (chance) => Math.round(10 * (8 + chance * (width - 16))) / 10;
    const p = x(point);
    setAttributes(root, { width, viewBox: `0 0 ${width} 52` });
    setAttributes(scale, { x: x(0), width: x(1) - x(0) });
    edges.forEach((edge, place) => {
      const at = x(words[place + 1][1]);
      setAttributes(edge, { x1: at, x2: at });
    });
    setAttributes(range, { x1: x(low), x2: Math.max(x(high), x(low) + 1) });
    setAttributes(diamond, { d: `M ${p} 8 l 7 11 l -7 11 l -7 -11 z` });
    ["start", "middle", "end"].forEach((anchor, place) => {
      setAttributes(marks[place], { x: x(place / 2), "text-anchor": anchor });
    });
  }
  return { node: root, draw };
}

function build({ fixed, kernel, notice, state: current }) {
  const listId = `cf-origins-${Math.random().toString(36).slice(2)}`;
  const judge = (statement, part, value) => kernel.send("judge", { statement, part, value });

  const reading = select(fixed.readings, (value) => kernel.send("show", { reading: value }));
  const clock = select(fixed.clocks, (value) => kernel.send("show", { clock: value }));
  const prior = input("number", { min: "1", max: "99", step: "1" });
  onTyping(prior, (value) => {
    if (prior.validity.valid && value !== "") kernel.send("show", { prior: Number(value) / 100 });
    else notice.show("The starting chance is a number from 1 to 99.");
  });
  const filter = select(
    [
      ["all", "all"],
      ["blank", "not rated yet"],
      ["started", "started, not complete"],
      ["rated", "rated"],
    ],
    () => sift(),
  );

  const cards = fixed.statements.map((statement) => makeCard(statement, { ...fixed, listId }, judge));
  const list = scrollable("cf-cards", "Statements to rate", ...cards.map((card) => card.node));
  const empty = el("p", { hidden: true }, "No statement is of this kind. Choose another under “Show”.");
  list.append(empty);
  function sift() {
    const items = current().items;
    let shown = 0;
    for (const card of cards) {
      const here = card.id in items && (filter.value === "all" || filter.value === card.status || hasFocus(card.node));
      setHidden(card.node, !here);
      shown += Number(here);
    }
    setHidden(empty, shown > 0);
  }

  const phrase = el("strong", { class: "cf-phrase cf-lead" });
  const numbers = el("span");
  const summary = el("p", { role: "status", "aria-live": "polite" }, phrase, " ", numbers);
  const words = wordsPicture(fixed.words);
  const weights = weightsPicture();
  const how = el("p");
  const refutation = el("p", { class: "cf-refutation" });
  const confidence = el("p");
  const asTable = foldedTable(
    "The same as a table",
    "What each origin adds",
    ["Origin and side", "Weight", "Statements, strongest first"],
    (state) => state.contributions.map(({ label, value, statements }) => [label, value, statements]),
  );
  const findings = findingsList();
  const sensitivity = table("The same evidence with one thing different", ["Change", "Word", "Chance"]);
  const noChange = el("p", {}, "Rate something first.");
  const whatIf = details("What would change your mind", noChange, sensitivity.node);
  askWhileOpen(whatIf, kernel, "sensitivity");
  const totals = totalsPanel(
    "What it amounts to",
    summary,
    words.node,
    refutation,
    confidence,
    details("How this chance came about", how),
    el("p", { class: "cf-chart-title" }, "What each origin adds, heaviest first"),
    weights.node,
    asTable.node,
    findings.node,
    whatIf,
  );
  function draw(state, width) {
    words.draw(state.posterior, width);
    weights.draw(state.contributions, width);
  }
  function show(state, answered) {
    if (answered) {
      setValue(reading, state.reading);
      setValue(clock, state.clock);
      setValue(prior, state.prior);
    }
    for (const card of cards) if (card.id in state.items) card.show(state.items[card.id], answered);
    setText(phrase, state.phrase);
    setText(numbers, state.numbers);
    setText(how, state.how);
    setTextOrHide(refutation, state.refutation);
    setText(confidence, state.confidence);
    words.node.setAttribute("aria-label", `Chance on a scale from 0 to 100 %. ${state.phrase} ${state.numbers}`);
    weights.node.setAttribute(
      "aria-label",
      state.contributions.length
        ? `Bars, right for and left against: ${state.contributions.map(({ label, value }) => `${label} ${value}`).join("; ")}`
        : "No origin carries weight yet.",
    );
    asTable.show(state);
    sensitivity.show(state.sensitivity);
    setHidden(sensitivity.node, state.sensitivity.length === 0);
    setHidden(noChange, state.sensitivity.length > 0);
    findings.show(state.findings);
    sift();
  }
  return {
    content: [
      el("datalist", { id: listId }, ...fixed.origins.map((name) => el("option", { value: name }))),
      form(
        { class: "cf-controls" },
        labelled("Reading of the claim", reading, { class: "cf-field cf-wide" }),
        labelled("Evidence up to", clock),
        labelled("Starting chance, in %", prior),
        labelled("Show statements", filter),
      ),
      el("div", { class: "cf-columns" }, list, totals),
    ],
    show,
    draw,
    measured: totals,
    forget() {
      for (const card of cards) card.forget();
    },
  };
}

export default widget("cf-board", "Evidence board", build);
