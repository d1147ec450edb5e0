// EvidenceBoard's view. It shows the state Python works out and sends back what the learner rates; it knows no rule.

// In the order in which Python sends them; origin and reason follow.
const PARTS = ["reliability", "credibility", "directness", "bearing", "interest"];
const REQUIRED = 4;
// How much of the scale's width each word takes, so that its name finds room. Within a word the mark moves in percent.
const WORD_WIDTHS = [1.2, 1, 0.8, 1.42, 0.8, 1, 1.12];

// The five questions, in the order in which an editor asks them.
function makeQuestions(fixed, judge) {
  const send = (part) => (value) => judge(part, value);
  const grade = (part, legend, unknown, blank) => gradeSegments(legend, fixed[part], unknown, blank, send(part));
  const strengths = fixed.bearing.map(([code], place) => {
    const distance = place - (fixed.bearing.length - 1) / 2;
    return [code, String(Math.abs(distance)), code, ["cf-is-against", "", "cf-is-for"][Math.sign(distance) + 1]];
  });
  return {
    reliability: grade("reliability", "How reliable is the source?", "F", ["A completely … E not", "F unknown"]),
    credibility: grade("credibility", "How credible is the item?", "6", ["1 confirmed … 5 improbable", "6 unknown"]),
    interest: segments(
      "Would they say so anyway, true or not?",
      fixed.interest.map(([code, , short]) => [code, short, "", code === "unknown" ? "cf-unsure" : ""]),
      send("interest"),
      gradeHint(fixed.interest, []),
    ),
    directness: grade("directness", "How direct is it?", "", ["right place, time and thing?"]),
    bearing: segments(
      "If it were right, it would be",
      strengths,
      send("bearing"),
      gradeHint(fixed.bearing, ["◀ against", "none", "for ▶"]),
    ),
  };
}

// What an open card holds: the statement, the questions, and how its weight came about.
function makeInside(statement, fixed, kernel, parts) {
  const judge = (part, value) => kernel.send("judge", { statement: statement.id, part, value });
  const questions = makeQuestions(fixed, judge);
  const { bearing, credibility, directness, interest, reliability } = questions;
  interest.node.classList.add("cf-all");
  bearing.node.classList.add("cf-bearing");
  const origin = input("text", { list: parts.listId, autocomplete: "off", dir: "auto" });
  onTyping(origin, (value) => judge("origin", value));
  const reason = textarea(2, (value) => judge("reason", value));
  reason.placeholder = "One sentence an editor would accept";
  reason.dir = "auto";

  const weight = el("strong", { class: "cf-weight cf-num" });
  const counts = el("span", { class: "cf-counts cf-soft" });
  const carried = el("p", { class: "cf-soft", hidden: true });
  const how = el("p");
  const next = button("", () => parts.next(statement.id));
  const clear = button("Take back", () => kernel.send("withdraw", { statement: statement.id }), {
    "aria-label": `Take back what you rated for ${statement.id}`,
  });
  // So that from every control of a card the result is at most three presses of Tab away.
  const skip = () => button("Go to the result", parts.toResult, { class: "cf-skip" });
  const note = editorsNote(statement);
  const why = details("How this weight came about", how);
  for (const folded of [why, note]) folded?.classList.add("cf-more");
  const node = form(
    { class: "cf-inside", role: "group", "aria-label": `${statement.id} · ${statement.who}` },
    skip(),
    el("p", { class: "cf-says", dir: "auto" }, statement.content),
    quotation(statement, "cf-quoted cf-soft"),
    el("p", { class: "cf-about cf-soft", dir: "auto" }, statement.about),
    carried,
    el(
      "div",
      { class: "cf-ratings" },
      ...[reliability, credibility, interest, directness, bearing].map((question) => question.node),
    ),
    skip(),
    el("div", { class: "cf-words" }, labelled("Origin of the knowledge", origin), labelled("Because", reason)),
    el("div", { class: "cf-foot" }, el("span", {}, "Weight: ", weight, " ", counts), el("span", {}, clear, " ", next)),
    why,
    note,
    skip(),
  );
  const inputs = [...PARTS.map((part) => questions[part]), origin, reason];
  return {
    node,
    show(item, answered) {
      if (answered) setValues(inputs, item.rated);
      setHidden(clear, item.status === "blank");
      setTextOrHide(carried, item.carried);
      setText(weight, item.weight);
      setText(counts, item.counts);
      setText(how, item.how);
    },
    showNext(other, isRated) {
      setHidden(next, !other);
      if (!other) return;
      setText(next, `Next: ${other.who}`);
      next.classList.toggle("cf-primary", isRated);
    },
  };
}

// A statement: one line with its weight and origin. What it holds is made when it is first opened: a board of twenty
// statements has six hundred radios.
function makeCard(statement, fixed, kernel, parts) {
  const bar = evidenceBar(false);
  bar.node.classList.add("cf-mini");
  const value = el("strong", { class: "cf-value cf-num" });
  const chipText = el("bdi");
  const chip = el("span", { class: "cf-chip" }, el("span", { class: "cf-unseen" }, " origin: "), chipText);
  const status = el("span", { class: "cf-status" });
  const line = [
    el("span", { class: "cf-id cf-num" }, statement.id),
    el("span", { class: "cf-unseen" }, " · "),
    el(
      "span",
      { class: "cf-who" },
      el("b", {}, el("bdi", {}, statement.who)),
      " ",
      el("bdi", { class: "cf-short" }, statement.content),
    ),
    el("span", { class: "cf-right" }, status, bar.node, value, chip),
  ];
  const node = foldingCard(parts.listId, line);
  /** @type {ReturnType<typeof makeInside> | null} */
  let inside = null;
  /** @type {any} */
  let latest = null;
  function fillIn() {
    if (inside || !latest) return;
    inside = makeInside(statement, fixed, kernel, parts);
    node.append(inside.node);
    inside.show(latest, true);
  }
  const summary = node.querySelector("summary");
  // A click comes before the card opens, whatever opens it comes before "toggle".
  summary?.addEventListener("click", fillIn);
  node.addEventListener("toggle", fillIn);
  const card = {
    node,
    id: statement.id,
    who: statement.who,
    status: "blank",
    open() {
      fillIn();
      node.open = true;
      summary?.focus({ preventScroll: true });
    },
    showNext(other) {
      inside?.showNext(other, card.status === "rated");
    },
    draw(reach) {
      const [low, point, high] = latest.bar;
      if (latest.bar.length) bar.draw(low, point, high, reach);
    },
    ...showChanges((item, answered) => {
      latest = item;
      card.status = item.status;
      const left = REQUIRED - item.rated.slice(0, REQUIRED).filter(Boolean).length;
      const rated = item.status === "rated";
      const still = `${left} ${left === 1 ? "question" : "questions"} left`;
      setTextOrHide(status, rated ? "" : item.status === "blank" ? "not rated yet" : still);
      setHidden(bar.node, !rated);
      setText(value, rated ? item.value : "");
      setHidden(value, !rated);
      setText(chipText, item.rated[PARTS.length]);
      setHidden(chip, !rated || !item.rated[PARTS.length]);
      inside?.show(item, answered);
    }),
  };
  return card;
}

// The seven words of the scale with the chance on it: the bounds as a line, the best guess as a diamond. Nothing rated
// is not an even chance: then the scale has no mark.
function wordsStrip(words) {
  const percent = (chance) => Math.round(100 * chance);
  const names = words.map(([name, low, high], place) => {
    const last = place === words.length - 1;
    const range = place === 0 ? `under ${percent(high)} %` : last ? `over ${percent(low)} %` : "";
    const between = `${percent(low)}–${percent(high)} %`;
    return el("li", {}, el("span", {}, name), " ", el("small", {}, range || between));
  });
  const node = el(
    "div",
    { class: "cf-strip", role: "img" },
    el("ol", { "aria-hidden": "true" }, ...names),
    el("span", { class: "cf-span" }),
    el("span", { class: "cf-point" }),
  );
  node.style.setProperty("--boxes", WORD_WIDTHS.map((width) => `${width}fr`).join(" "));
  // Where a chance is in percent of the width, if the words are so wide.
  const place = (chance, widths) => {
    const whole = widths.reduce((sum, width) => sum + width, 0);
    let before = 0;
    for (const [at, [, low, high]] of words.entries()) {
      if (chance <= high) return (100 * (before + (widths[at] * Math.max(0, chance - low)) / (high - low))) / whole;
      before += widths[at];
    }
    return 100;
  };
  return {
    node,
    show({ posterior, here, phrase, numbers }) {
      node.classList.toggle("cf-blank", posterior.length === 0);
      names.forEach((name, at) => {
        name.classList.toggle("cf-here", here.length > 0 && at >= here[0] && at <= here[1]);
      });
      const even = words.map(() => 1);
      posterior.forEach((chance, at) => {
        node.style.setProperty(`--${"apb"[at]}`, `${place(chance, WORD_WIDTHS).toFixed(2)}%`);
        node.style.setProperty(`--${"apb"[at]}-even`, `${place(chance, even).toFixed(2)}%`);
      });
      setAttributes(node, {
        "aria-label": `Seven words from ${words[0][0]} to ${words.at(-1)[0]}. ${phrase} ${numbers}`,
      });
    },
  };
}

// What each origin adds: a bar from zero to its point with its doubt as a line, the number in words beside it. A row
// stays the row of its origin when the order changes, so that only what differs is written.
function originList(whoOf) {
  const list = el("ul", { class: "cf-origins" });
  const rows = new Map();
  function makeRow(origin) {
    const sum = el("span", { class: "cf-num" });
    const bar = evidenceBar(true);
    const said = el("small");
    const heading = el("span", { class: "cf-origin" }, el("b", {}, el("bdi", {}, origin)), " ", sum);
    return { sum, bar, said, node: el("li", {}, heading, bar.node, said) };
  }
  return {
    node: list,
    show(contributions, reach) {
      const shown = contributions.map(({ label, origin, side, sum, low, point, high, statements }) => {
        const row = keep(rows, label, () => makeRow(origin));
        setText(row.sum, `${sum} ${side}`);
        row.bar.draw(low, point, high, reach);
        const ids = statements.split(", ");
        const who = [...new Set(ids.map((id) => whoOf(id)))].join(", ");
        const once = ids.length > 1 ? `: ${ids.length} statements, counted once` : "";
        setTextOrHide(row.said, once || who !== origin ? `${who}${once}` : "");
        return row.node;
      });
      arrange(list, shown);
    },
  };
}

function invitation(begin) {
  const count = el("span");
  const button_ = button("", begin, { class: "cf-primary" });
  const node = el(
    "section",
    { class: "cf-invite", "aria-label": "Where to begin" },
    el("h3", {}, "Begin with one voice"),
    el(
      "p",
      {},
      count,
      " bear on this reading. Read one, answer five short questions, and see the mark appear on the scale above.",
    ),
    button_,
  );
  return {
    node,
    show(first, number) {
      setText(count, number === 1 ? "One statement may" : `${number} statements may`);
      setText(button_, `Weigh ${first.who} first`);
    },
  };
}

function firstSteps() {
  const meaning = details(
    "What the words above mean",
    smallPrint(
      "They are the seven words of ICD 203, each with its range in percent. You start at the chance set above. Each " +
        "statement moves the mark left (against) or right (for).",
    ),
  );
  meaning.classList.add("cf-more");
  const steps = [
    "Open a statement and read it as an editor: who says it, and how would they know?",
    "Answer five questions. Each one changes the weight; none decides alone.",
    "Name the origin. What comes from one origin counts once, however often you hear it.",
  ];
  return el(
    "div",
    {},
    el("h3", {}, "How it works"),
    el("ol", { class: "cf-steps" }, ...steps.map((step) => el("li", {}, el("span", {}, step)))),
    meaning,
  );
}

function build({ fixed, kernel, notice, saved, state: current }) {
  const listId = `cf-origins-${Math.random().toString(36).slice(2)}`;

  const reading = select(fixed.readings, (value) => kernel.send("show", { reading: value }));
  const clock = segments(
    "Evidence known by",
    fixed.clocks.map(([code, name]) => [code, ...name.split(": ")]),
    (value) => kernel.send("show", { clock: value }),
  );
  const prior = input("number", { min: "1", max: "99", step: "1" });
  onTyping(prior, (value) => {
    if (prior.validity.valid && value !== "") kernel.send("show", { prior: Number(value) / 100 });
    else notice.show("The starting chance is a number from 1 to 99.");
  });

  // The result, which stays in sight
  const word = el("strong");
  const range = el("small", { class: "cf-num" });
  const of = el("span", { class: "cf-unseen" });
  const pips = el("span", { class: "cf-pips", "aria-hidden": "true" });
  const progress = el("span");
  const strip = wordsStrip(fixed.words);
  const phraseLine = el("p", { class: "cf-word", role: "status", tabindex: "-1" }, of, word, " ", range);
  const result = el(
    "section",
    { class: "cf-result cf-sticky", "aria-label": "What it amounts to" },
    el(
      "div",
      { class: "cf-result-top" },
      phraseLine,
      el("p", { class: "cf-counted" }, el("span", {}, pips, progress), saved.node),
    ),
    strip.node,
    notice.node,
  );

  // The statements
  const toResult = () => phraseLine.focus({ preventScroll: true });
  const next = (id) => nextAfter(id)?.open();
  const cards = fixed.statements.map((statement) => makeCard(statement, fixed, kernel, { listId, next, toResult }));
  const whoOf = (id) => cards.find((card) => card.id === id)?.who ?? id;
  const shown = () => cards.filter((card) => card.id in current().items);
  function nextAfter(id) {
    const others = shown();
    const place = others.findIndex((card) => card.id === id);
    return [...others.slice(place + 1), ...others.slice(0, Math.max(0, place))].find(
      ({ status }) => status !== "rated",
    );
  }
  const kinds = { all: "All", todo: "To rate", rated: "Rated" };
  const kindNames = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, el("span")]));
  const filter = segments(
    el("span", { class: "cf-unseen" }, "Show statements"),
    Object.keys(kinds).map((kind) => [kind, kindNames[kind]]),
    () => sift(),
  );
  filter.value = "all";
  filter.node.classList.add("cf-filter");
  const empty = el("p", { hidden: true }, "No statement is of this kind. Choose another above.");
  const list = el("div", { class: "cf-list" }, ...cards.map((card) => card.node), empty);
  const invite = invitation(() => shown()[0]?.open());
  function sift() {
    const here = shown();
    let seen = 0;
    for (const card of cards) {
      const kind = card.status === "rated" ? "rated" : "todo";
      const wanted = filter.value === "all" || filter.value === kind || card.node.open || hasFocus(card.node);
      setHidden(card.node, !(here.includes(card) && wanted));
      seen += Number(!card.node.hidden);
    }
    setHidden(empty, seen > 0);
    const rated = here.filter((card) => card.status === "rated").length;
    const numbers = { all: here.length, todo: here.length - rated, rated };
    for (const kind of Object.keys(kinds)) setText(kindNames[kind], `${kinds[kind]} ${numbers[kind]}`);
    setText(progress, `${rated} of ${here.length} rated`);
    // More would not be counted at a glance.
    const dots = here.length > 12 ? 0 : here.length;
    while (pips.children.length > dots) pips.lastChild?.remove();
    while (pips.children.length < dots) pips.append(el("i"));
    [...pips.children].forEach((dot, place) => {
      dot.classList.toggle("cf-on", place < rated);
    });
    showOpen();
  }
  function showOpen() {
    const here = shown();
    const open = cards.find((card) => card.node.open);
    open?.showNext(nextAfter(open.id));
    setHidden(invite.node, here.length === 0 || Boolean(open) || here.some((card) => card.status !== "blank"));
    if (here.length) invite.show(here[0], here.length);
  }
  for (const card of cards) card.node.addEventListener("toggle", showOpen);

  // What each origin adds, beside the statements
  const phrase = el("strong", { class: "cf-phrase" });
  const numbers = el("span", { class: "cf-numbers" });
  const origins = originList(whoOf);
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
  const sum = details("How this chance came about", how);
  for (const node of [asTable.node, sum, findings.node, whatIf]) node.classList.add("cf-more");
  const steps = firstSteps();
  const weighed = el(
    "div",
    { class: "cf-weighed" },
    el("h3", {}, "What each origin adds"),
    smallPrint("In decibans; the thin line is the doubt."),
    origins.node,
    el("p", { class: "cf-sides", "aria-hidden": "true" }, el("span", {}, "◀ against"), el("span", {}, "for ▶")),
    el("p", {}, phrase, " ", numbers),
    refutation,
    confidence,
  );
  const folded = [asTable.node, sum];
  const beside = el(
    "section",
    { class: "cf-beside", "aria-label": "What each origin adds" },
    steps,
    weighed,
    ...folded,
    findings.node,
    whatIf,
    button("Go to the result", toResult, { class: "cf-skip" }),
  );

  function show(state, answered) {
    if (answered) {
      setValue(reading, state.reading);
      setValue(clock, state.clock);
      setValue(prior, state.prior);
    }
    const rated = state.posterior.length > 0;
    // One of two scales, so that bars seldom change only because another has: no origin adds more than 20 dB.
    const small = state.contributions.every(({ low, high }) => Math.max(-low, high) <= 10);
    const reach = small ? 10 : 20;
    for (const card of cards) {
      if (!(card.id in state.items)) continue;
      card.show(state.items[card.id], answered);
      card.draw(reach);
    }
    setText(of, `Reading ${state.reading}: `);
    setText(word, state.word);
    setText(range, state.chance);
    strip.show(state);
    setHidden(steps, rated);
    for (const node of [weighed, ...folded, whatIf]) setHidden(node, !rated);
    setHidden(findings.node, !rated && state.findings.length === 0);
    setText(phrase, state.phrase);
    setText(numbers, state.numbers);
    origins.show(state.contributions, reach);
    setText(how, state.how);
    setTextOrHide(refutation, state.refutation);
    setText(confidence, state.confidence);
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
        { class: "cf-setup" },
        labelled("Reading of the claim", reading, { class: "cf-field cf-wide" }),
        clock.node,
        labelled("Starting chance, in %", prior),
      ),
      result,
      el(
        "div",
        { class: "cf-columns" },
        el("div", {}, invite.node, el("div", { class: "cf-list-top" }, el("h3", {}, "Statements"), filter.node), list),
        beside,
      ),
    ],
    show,
    forget() {
      for (const card of cards) card.forget();
    },
  };
}

export default widget("cf-board", "Evidence board", build);
