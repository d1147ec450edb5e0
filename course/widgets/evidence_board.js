// EvidenceBoard's view. It shows the state Python works out and sends back what the learner rates; it knows no rule.

const PARTS = ["reliability", "credibility", "directness", "bearing"];
const PART_NAMES = {
  reliability: "Source: how reliable?",
  credibility: "Item: how credible?",
  directness: "How direct?",
  bearing: "If it were right, it would be",
};
const STATUS = { rated: "rated", started: "started, not complete", blank: "not rated yet" };

function makeCard(statement, fixed, judge) {
  const chosen = {};
  const fields = PARTS.map((part) => {
    const options = [["", "not rated"], ...fixed[part]];
    chosen[part] = select(options, (value) => judge(statement.id, part, value));
    return labelled(PART_NAMES[part], chosen[part]);
  });
  const origin = el("input", { type: "text", list: fixed.listId, autocomplete: "off", ...SUPPRESS });
  const reason = el("textarea", { rows: "2", ...SUPPRESS });
  onTyping(origin, (value) => judge(statement.id, "origin", value));
  onTyping(reason, (value) => judge(statement.id, "reason", value));

  const weight = el("strong", { class: "cf-weight" });
  const counts = el("span", { class: "cf-counts" });
  const status = el("span", { class: "cf-status" });
  const how = el("p");
  const node = el("fieldset", { class: "cf-card" },
    el("legend", {}, `${statement.id} · ${statement.who} `, status),
    el("p", {}, statement.content),
    statement.quoted ? el("p", { class: "cf-quoted" }, `In the speaker’s words: “${statement.quoted}”`) : null,
    el("p", { class: "cf-about" }, statement.about),
    el("div", { class: "cf-ratings" }, ...fields),
    el("div", { class: "cf-words" },
      labelled("Origin: where does the knowledge come from?", origin),
      labelled("Because", reason)),
    el("details", {}, el("summary", { ...SUPPRESS }, "Weight: ", weight, " ", counts), how),
    statement.caution ? details("What an editor would note", el("p", {}, statement.caution)) : null,
  );
  const inputs = [...PARTS.map((part) => chosen[part]), origin, reason];
  return {
    node,
    id: statement.id,
    status: "blank",
    show(item, answered) {
      // Until our last change is answered the state is older than the controls.
      if (answered) inputs.forEach((control, place) => setValue(control, item.rated[place]));
      this.status = item.status;
      setText(status, `(${STATUS[item.status]})`);
      setText(weight, item.weight);
      setText(counts, item.counts);
      setText(how, item.how);
    },
  };
}

// Each origin's weight: a bar from zero to its point, right for and left against, with its interval as a line.
function drawWeights(root, contributions, width) {
  const rowHeight = 44;
  const side = 12;
  const reach = Math.max(10, ...contributions.flatMap((one) => [Math.abs(one.low), Math.abs(one.high)]));
  const x = (db) => width / 2 + (db / reach) * (width / 2 - side);
  const height = Math.max(1, contributions.length) * rowHeight + 34;
  root.setAttribute("width", width);
  root.setAttribute("height", height);
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const marks = contributions.flatMap((one, row) => {
    const top = row * rowHeight;
    const against = one.point < 0;
    return [
      svg("text", { x: 0, y: top + 14 }, `${one.label}: ${one.value}`),
      svg("rect", {
        class: against ? "cf-bar-against" : "cf-bar-for",
        x: Math.min(x(0), x(one.point)), y: top + 20, width: Math.abs(x(one.point) - x(0)), height: 14,
      }),
      svg("line", { class: "cf-zero", x1: x(0), x2: x(0), y1: top + 18, y2: top + 36 }),
      svg("line", { class: "cf-range", x1: x(one.low), x2: x(one.high), y1: top + 27, y2: top + 27 }),
      svg("line", { class: "cf-range", x1: x(one.low), x2: x(one.low), y1: top + 22, y2: top + 32 }),
      svg("line", { class: "cf-range", x1: x(one.high), x2: x(one.high), y1: top + 22, y2: top + 32 }),
    ];
  });
  root.replaceChildren(
    ...marks,
    svg("text", { x: 0, y: height - 4 }, "◀ against"),
    svg("text", { x: width, y: height - 4, "text-anchor": "end" }, "for ▶"),
    svg("text", { x: x(0), y: height - 4, "text-anchor": "middle" }, "0 dB"),
  );
}

// The chance on the scale of words: the bounds as a line, the point as a diamond.
function drawWords(root, words, [low, point, high], width) {
  const x = (chance) => 8 + chance * (width - 16);
  root.setAttribute("width", width);
  root.setAttribute("height", 52);
  root.setAttribute("viewBox", `0 0 ${width} 52`);
  const edges = words.slice(1).map(([, from]) => from);
  const p = x(point);
  root.replaceChildren(
    svg("rect", { class: "cf-scale", x: x(0), y: 10, width: x(1) - x(0), height: 18 }),
    ...edges.map((edge) => svg("line", { class: "cf-edge", x1: x(edge), x2: x(edge), y1: 10, y2: 28 })),
    svg("line", { class: "cf-chance", x1: x(low), x2: Math.max(x(high), x(low) + 1), y1: 19, y2: 19 }),
    svg("path", { class: "cf-point", d: `M ${p} 8 l 7 11 l -7 11 l -7 -11 z` }),
    svg("text", { x: x(0), y: 46 }, "0 %"),
    svg("text", { x: x(0.5), y: 46, "text-anchor": "middle" }, "50 %"),
    svg("text", { x: x(1), y: 46, "text-anchor": "end" }, "100 %"),
  );
}

function render({ model, el: root }) {
  const fixed = { ...model.get("fixed") };
  fixed.listId = `cf-origins-${Math.random().toString(36).slice(2)}`;
  const notice = makeNotice();
  const line = kernelLine(model, notice);
  const judge = (statement, part, value) => line.send("judge", { statement, part, value });

  const reading = select(fixed.readings, (value) => line.send("show", { reading: value }));
  const clock = select(fixed.clocks, (value) => line.send("show", { clock: value }));
  const prior = el("input", { type: "number", min: "1", max: "99", step: "1", ...SUPPRESS });
  onTyping(prior, (value) => {
    if (prior.validity.valid && value !== "") line.send("show", { prior: Number(value) / 100 });
    else notice.show("The starting chance is a number from 1 to 99.");
  });
  const filter = select(
    [["all", "all"], ["blank", "not rated yet"], ["started", "started, not complete"], ["rated", "rated"]],
    () => sift(),
  );

  const cards = fixed.statements.map((statement) => makeCard(statement, fixed, judge));
  const list = el("div", { class: "cf-cards", role: "group", "aria-label": "Statements to rate", tabindex: "0",
    ...SUPPRESS }, ...cards.map((card) => card.node));
  const empty = el("p", { hidden: true }, "No statement is of this kind. Choose another under “Show”.");
  list.append(empty);
  function sift() {
    const items = model.get("state").items;
    let shown = 0;
    for (const card of cards) {
      const here = card.id in items && (filter.value === "all" || filter.value === card.status ||
        card.node.contains(card.node.getRootNode().activeElement));
      setHidden(card.node, !here);
      shown += here;
    }
    setHidden(empty, shown > 0);
  }

  const phrase = el("strong", { class: "cf-phrase" });
  const numbers = el("span");
  const summary = el("p", { role: "status", "aria-live": "polite" }, phrase, " ", numbers);
  const words = svg("svg", { role: "img" });
  const weights = svg("svg", { role: "img" });
  const how = el("p");
  const refutation = el("p", { class: "cf-refutation" });
  const confidence = el("p");
  const origins = table("What each origin adds", ["Origin and side", "Weight", "Statements, strongest first"]);
  const findings = el("ul");
  const findingsTitle = el("summary", { ...SUPPRESS });
  const sensitivity = table("The same evidence with one thing different", ["Change", "Word", "Chance"]);
  const noChange = el("p", {}, "Rate something first.");
  const whatIf = details("What would change your mind", noChange, sensitivity.node);
  whatIf.addEventListener("toggle", () => line.send("sensitivity", { is_open: whatIf.open }));
  const messages = el("div", { role: "status" });
  const totals = el("section", { class: "cf-totals", "aria-label": "What it amounts to" },
    summary, words, refutation, confidence,
    details("How this chance came about", how),
    el("p", { class: "cf-chart-title" }, "What each origin adds, heaviest first"), weights,
    details("The same as a table", origins.node),
    el("details", {}, findingsTitle, findings),
    whatIf,
  );
  root.append(
    el("div", { class: "cf cf-board", role: "group", "aria-label": "Evidence board" },
      el("datalist", { id: fixed.listId }, ...fixed.origins.map((name) => el("option", { value: name }))),
      el("div", { class: "cf-controls" },
        labelled("Reading of the claim", reading, { class: "cf-field cf-wide" }),
        labelled("Evidence up to", clock),
        labelled("Starting chance, in %", prior),
        labelled("Show statements", filter)),
      notice.node, messages,
      el("div", { class: "cf-columns" }, list, totals),
    ),
  );

  let width = 0;
  function draw(state) {
    if (width < 40) return;
    drawWords(words, fixed.words, state.posterior, width);
    drawWeights(weights, state.contributions, width);
  }
  function show() {
    const state = model.get("state");
    const answered = !line.pending();
    if (answered) {
      setValue(reading, state.reading);
      setValue(clock, state.clock);
      setValue(prior, state.prior);
    }
    for (const card of cards) if (card.id in state.items) card.show(state.items[card.id], answered);
    setText(phrase, state.phrase);
    setText(numbers, state.numbers);
    setText(how, state.how);
    setText(refutation, state.refutation);
    setHidden(refutation, state.refutation === "");
    setText(confidence, state.confidence);
    words.setAttribute("aria-label", `Chance on a scale from 0 to 100 %. ${state.phrase} ${state.numbers}`);
    weights.setAttribute("aria-label", state.contributions.length
      ? `Bars, right for and left against: ${state.contributions.map((one) => `${one.label} ${one.value}`).join("; ")}`
      : "No origin carries weight yet.");
    origins.show(state.contributions.map((one) => [one.label, one.value, one.statements]));
    sensitivity.show(state.sensitivity);
    setHidden(sensitivity.node, state.sensitivity.length === 0);
    setHidden(noChange, state.sensitivity.length > 0);
    const count = state.findings.length;
    setText(findingsTitle, count ? `Does it hang together? To look at: ${count}` : "Does it hang together? Yes, so far");
    if (findings.dataset.text !== state.findings.join("\n")) {
      findings.dataset.text = state.findings.join("\n");
      findings.replaceChildren(...state.findings.map((text) => el("li", {}, text)));
    }
    setText(messages, state.messages.join(" "));
    draw(state);
    sift();
  }
  const watch = new ResizeObserver(([entry]) => {
    const now = Math.floor(entry.contentRect.width);
    if (now !== width) {
      width = now;
      draw(model.get("state"));
    }
  });
  watch.observe(totals);
  const refused = (message) => {
    if (message.type === "refused") notice.show(message.message);
  };
  model.on("change:state", show);
  model.on("msg:custom", refused);
  show();
  return () => {
    watch.disconnect();
    model.off("change:state", show);
    model.off("msg:custom", refused);
  };
}

export default { render };
