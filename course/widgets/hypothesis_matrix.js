// HypothesisMatrix's view. It shows the state Python works out and sends back the marks; it knows no rule.

function setOptions(control, options) {
  const wanted = options.map(([value]) => value).join();
  if (control.dataset.options === wanted) return;
  control.dataset.options = wanted;
  const chosen = control.value;
  control.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
  if (options.some(([value]) => value === chosen)) control.value = chosen;
}

function makeColumn(statement) {
  return {
    head: el(
      "th",
      { scope: "col" },
      el("strong", {}, `${statement.id} · ${statement.who}`),
      el("p", { class: "cf-short" }, statement.short),
      details(
        "In full",
        el("p", {}, statement.content),
        quotation(statement),
        smallPrint(statement.about),
        editorsNote(statement),
      ),
    ),
    words: el("td", {}),
  };
}

function build({ fixed, kernel }) {
  const statements = new Map(fixed.statements.map((statement) => [statement.id, statement]));
  const texts = new Map(fixed.rows);
  const named = (id) => [id, `${id} · ${statements.get(id).who}: ${statements.get(id).short}`];

  const columns = new Map();
  const rows = new Map();
  const cells = new Map();
  const column = (id) => keep(columns, id, () => makeColumn(statements.get(id)));
  const row = (id) =>
    keep(rows, id, () => ({
      node: el("tr"),
      head: el("th", { scope: "row" }, el("strong", {}, id), " ", el("span", {}, texts.get(id))),
    }));
  const cell = (id, statement) =>
    keep(cells, `${id}/${statement}`, () => {
      const control = select([["", "not marked"], ...fixed.marks], (mark) =>
        kernel.send("mark", { row: id, statement, mark }),
      );
      control.setAttribute("aria-label", `${id}, ${statement}`);
      // A form each: see `form` for why.
      return { node: el("td", {}, form({}, control)), control };
    });

  // In a narrow place the table shows one statement at a time: the one chosen here.
  const current = select([], () => turn());
  const corner = el("th", { scope: "col" }, "Reading");
  const head = el("tr");
  const body = el("tbody");
  const wordsHead = el("th", { scope: "row" }, "What this statement does");
  const foot = el("tr");
  const caption = "How well does each statement fit each reading?";
  const matrix = scrollable(
    "cf-scroll",
    caption,
    el("table", {}, el("caption", {}, el("span", {}, caption)), el("thead", {}, head), body, el("tfoot", {}, foot)),
  );
  let shown = [];
  let rowsShown = [];
  function turn() {
    const place = shown.indexOf(current.value);
    for (const line of [head, foot, ...body.children]) {
      for (const [at, node] of [...line.children].slice(1).entries()) node.classList.toggle("cf-now", at === place);
    }
  }

  const summary = el("p", { class: "cf-lead", role: "status" });
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
    (state) => state.order.map((id) => [`${id} · ${statements.get(id).who}`, ...state.columns[id]]),
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
    return { id, box, node: el("label", { class: "cf-choice" }, box, ` ${id}: ${text}`) };
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
    arrange(head, [corner, ...shown.map((statement) => column(statement).head)]);
    arrange(foot, [wordsHead, ...shown.map((statement) => column(statement).words)]);
    arrange(
      body,
      rowsShown.map((id) => row(id).node),
    );
    for (const id of rowsShown)
      arrange(row(id).node, [row(id).head, ...shown.map((statement) => cell(id, statement).node)]);
    matrix.style.setProperty("--cf-statements", String(shown.length));
    turn();
  }
  function show(state, answered) {
    // What did not change is still the same object, see followState.
    if (shown !== state.statements || rowsShown !== state.rows) {
      shown = state.statements;
      rowsShown = state.rows;
      layOut();
    }
    for (const statement of shown) {
      setText(column(statement).words, state.columns[statement][0]);
      for (const id of rowsShown)
        setAttributes(cell(id, statement).control, { "data-mark": state.marks[`${id}/${statement}`] });
    }
    if (answered) {
      for (const id of rowsShown) {
        for (const statement of shown) setValue(cell(id, statement).control, state.marks[`${id}/${statement}`]);
      }
      for (const { id, box } of choices) box.checked = state.rows.includes(id);
    }
    setText(summary, state.summary);
    inconsistency.show(state.inconsistency);
    discriminating.show(state);
    findings.show(state.findings);
  }

  return {
    content: [
      summary,
      smallPrint(fixed.caveat),
      form({ class: "cf-matrix-now" }, labelled("Statement", current)),
      el("div", { class: "cf-grid" }, matrix),
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
