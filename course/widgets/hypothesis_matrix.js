// HypothesisMatrix's view. It shows the state Python works out and sends back the marks; it knows no rule.

const STEPS = [1, 2, 3, 4];

function setOptions(control, options) {
  const wanted = options.map(([value]) => value).join();
  if (control.dataset.options === wanted) return;
  control.dataset.options = wanted;
  const chosen = control.value;
  control.replaceChildren(...options.map(([value, text]) => el("option", { value, dir: "auto" }, text)));
  if (options.some(([value]) => value === chosen)) control.value = chosen;
}

// How far a statement tells the rows apart: filled boxes to see across the table and a word for them; for a screen
// reader the same in full.
function tellsCell() {
  const boxes = STEPS.map(() => el("span"));
  const bar = el("i", {}, ...boxes);
  const word = el("strong");
  const inFull = el("span", { class: "cf-unseen" });
  let shown = null;
  return {
    node: el("td", { class: "cf-tells" }, el("div", { "aria-hidden": "true" }, bar, word), inFull),
    show(summary) {
      // What did not change is still the same object, see followState.
      if (summary === shown) return;
      shown = summary;
      const [text, , steps, short, isMost] = summary;
      setHidden(bar, steps === null);
      for (const [place, box] of boxes.entries()) box.classList.toggle("cf-on", place < steps);
      setText(word, short);
      word.classList.toggle("cf-most", isMost);
      setText(inFull, text);
    },
  };
}

function makeColumn(statement, hold) {
  return {
    head: el(
      "th",
      { scope: "col", onclick: hold },
      el("span", {}, statement.id),
      el("b", { class: "cf-speaker", dir: "auto" }, statement.who),
      el("span", { class: "cf-gist", dir: "auto" }, statement.gist),
    ),
    tells: tellsCell(),
  };
}

// A statement in full, made when it is first in hand.
function makeInHand(statement) {
  return el(
    "div",
    {},
    el("p", {}, el("strong", {}, `${statement.id} · `, el("bdi", {}, statement.who))),
    el("p", { dir: "auto" }, statement.content),
    quotation(statement),
    smallPrint(statement.about),
    editorsNote(statement),
  );
}

function makeRow(id, text) {
  const count = el("b");
  const bar = el("i", { "aria-hidden": "true" });
  return {
    node: el("tr"),
    head: el(
      "th",
      { scope: "row" },
      el("span", { class: "cf-row" }, el("b", {}, id), " ", el("span", { dir: "auto" }, text)),
    ),
    against: el("td", { class: "cf-against" }, count, bar),
    show(text, share) {
      setText(count, text);
      setHidden(bar, share === 0);
      setAttributes(bar, { style: `--cf-share: ${100 * share}%` });
    },
  };
}

function build({ fixed, kernel }) {
  const statements = new Map(fixed.statements.map((statement) => [statement.id, statement]));
  const texts = new Map(fixed.rows);
  const named = (id) => [id, `${id} · ${statements.get(id).who}: ${statements.get(id).short}`];
  let shown = [];
  let rowsShown = [];

  const columns = new Map();
  const rows = new Map();
  const cells = new Map();
  const inFull = new Map();
  const column = (id) => keep(columns, id, () => makeColumn(statements.get(id), () => hold(id)));
  const row = (id) => keep(rows, id, () => makeRow(id, texts.get(id)));
  const cell = (id, statement) =>
    keep(cells, `${id}/${statement}`, () => {
      const control = select([["", "not marked"], ...fixed.marks], (mark) =>
        kernel.send("mark", { row: id, statement, mark }),
      );
      setAttributes(control, { "aria-label": `${id}, ${statement}`, tabindex: "-1" });
      control.addEventListener("focus", () => hold(statement));
      control.addEventListener("keydown", (event) => step(event, id, statement));
      // A form each: see `form` for why.
      const box = form({ class: "cf-cell" }, control);
      return { node: el("td", {}, box), box, control };
    });

  // The statement in hand is the one being marked: its words stand above the table, its column is where Tab goes, and
  // in a narrow place the table shows no other.
  const current = select([], (id) => hold(id));
  const inHand = el("section", { class: "cf-hand", "aria-label": "The statement in hand" });
  let held = "";
  function hold(id) {
    if (held === id) return;
    held = id;
    current.value = id;
    arrange(inHand, [keep(inFull, id, () => makeInHand(statements.get(id)))]);
    turn();
  }
  function turn() {
    for (const statement of shown) {
      const isNow = statement === held;
      const { head, tells } = column(statement);
      for (const node of [head, tells.node]) node.classList.toggle("cf-now", isNow);
      for (const id of rowsShown) {
        const { node, control } = cell(id, statement);
        node.classList.toggle("cf-now", isNow);
        control.tabIndex = isNow ? 0 : -1;
      }
    }
  }
  // One Tab stop a row: the arrows up and down choose a mark, as in every select, and those to the sides go on to
  // the next statement.
  function step(event, id, statement) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const next = shown[shown.indexOf(statement) + way];
    if (!next) return;
    hold(next);
    cell(id, next).control.focus();
  }

  const corner = el("th", { scope: "col" }, el("span", {}, "If this were true, how well would the statement fit?"));
  const sumHead = el(
    "th",
    { scope: "col", class: "cf-against" },
    el("b", { class: "cf-speaker" }, "Speaks against"),
    "I 1, II 2",
  );
  const head = el("tr");
  const body = el("tbody");
  const tellsHead = el("th", { scope: "row" }, "Does it tell the rows apart?");
  const sumFoot = el("td", { class: "cf-against" }, "only full columns");
  const foot = el("tr");
  const matrix = el(
    "div",
    { class: "cf-grid", role: "group", "aria-label": "How well does each statement fit each reading?" },
    el("table", {}, el("thead", {}, head), body, el("tfoot", {}, foot)),
  );

  const lead = el("strong");
  const rest = el("span");
  const summary = el("p", { class: "cf-lead", role: "status" }, lead, " ", rest);
  const key = el(
    "ul",
    { class: "cf-key", "aria-label": "What the letters mean" },
    ...fixed.marks.map(([mark, text]) =>
      el("li", {}, el("b", { "data-mark": mark }, mark), el("span", {}, text.slice(mark.length + 2))),
    ),
  );
  const inconsistency = table("What speaks against each row: I counts 1, II counts 2", [
    "Row",
    "Filled",
    "All marks",
    "Marked in every row",
    "Each origin once",
  ]);
  const discriminating = foldedTable(
    "What each statement does",
    "The statements, the most telling first",
    ["Statement", "Its marks", "Cells filled"],
    (state) => state.order.map((id) => [`${id} · ${statements.get(id).who}`, ...state.columns[id].slice(0, 2)]),
    el("p", {}, fixed.steps),
  );
  const findings = findingsList(el("p", {}, fixed.nesting));

  const choices = fixed.rows.map(([id, text]) => {
    const box = input("checkbox", {
      value: id,
      onchange: () => {
        kernel.send("show", { rows: choices.filter(({ box }) => box.checked).map(({ box }) => box.value) });
      },
    });
    return { id, box, node: el("label", { class: "cf-choice" }, box, el("span", {}, `${id}: `, el("bdi", {}, text))) };
  });
  const more = select([], () => {});
  const fewer = select([], () => {});
  const send = (type, control) => () => control.value && kernel.send(type, { statement: control.value });
  const add = button("Add", send("add", more));
  const remove = button("Take out", send("remove", fewer));

  function layOut() {
    setOptions(current, shown.map(named));
    setOptions(fewer, shown.map(named));
    setOptions(
      more,
      fixed.statements.filter(({ id }) => !shown.includes(id)).map(({ id }) => named(id)),
    );
    arrange(head, [corner, ...shown.map((statement) => column(statement).head), sumHead]);
    arrange(foot, [tellsHead, ...shown.map((statement) => column(statement).tells.node), sumFoot]);
    arrange(
      body,
      rowsShown.map((id) => row(id).node),
    );
    for (const id of rowsShown)
      arrange(row(id).node, [row(id).head, ...shown.map((statement) => cell(id, statement).node), row(id).against]);
    matrix.style.setProperty("--cf-statements", String(shown.length));
    if (shown.includes(held)) turn();
    else hold(shown[0]);
  }
  function show(state, answered) {
    // What did not change is still the same object, see followState.
    if (shown !== state.statements || rowsShown !== state.rows) {
      shown = state.statements;
      rowsShown = state.rows;
      layOut();
    }
    for (const statement of shown) {
      column(statement).tells.show(state.columns[statement]);
      for (const id of rowsShown)
        setAttributes(cell(id, statement).box, { "data-mark": state.marks[`${id}/${statement}`] });
    }
    for (const [id, text, share] of state.against) row(id).show(text, share);
    if (answered) {
      for (const id of rowsShown) {
        for (const statement of shown) setValue(cell(id, statement).control, state.marks[`${id}/${statement}`]);
      }
      for (const { id, box } of choices) box.checked = state.rows.includes(id);
    }
    setText(lead, state.summary[0]);
    setText(rest, state.summary[1]);
    inconsistency.show(state.inconsistency);
    discriminating.show(state);
    findings.show(state.findings);
  }

  return {
    content: [
      summary,
      smallPrint(fixed.caveat),
      form({ class: "cf-matrix-now" }, labelled("Statement", current)),
      inHand,
      key,
      matrix,
      el(
        "p",
        { class: "cf-soft cf-keys" },
        "Choose a statement to read it in full. With the keyboard: Tab goes to the next row, ← and → to another " +
          "statement, ↑ and ↓ change the mark.",
      ),
      details(
        "Choose rows and statements",
        form(
          { class: "cf-choices" },
          fieldset("Rows", el("p", {}, fixed.others), ...choices.map(({ node }) => node)),
          el("div", { class: "cf-change" }, labelled("Statement to add", more), add),
          el("div", { class: "cf-change" }, labelled("Statement to remove", fewer), remove),
        ),
      ),
      totalsPanel(
        "What it amounts to",
        inconsistency.node,
        el("ul", { class: "cf-warnings" }, ...fixed.warnings.map((text) => el("li", {}, text))),
        discriminating.node,
        findings.node,
      ),
    ],
    show,
  };
}

export default widget("cf-matrix", "Matrix of competing hypotheses", build);
