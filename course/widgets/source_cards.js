// SourceCards' view: a card for each source, a box for each origin. It knows no rule: Python groups and remarks.

const ON_ITS_OWN = "on its own";

function makeItem(statement, fixed, kernel) {
  const credibility = select([["", "not rated"], ...fixed.credibility], (value) =>
    kernel.send("rate_item", { statement: statement.id, value }),
  );
  const interest = select(fixed.interest, (value) =>
    kernel.send("rate_interest", { statement: statement.id, interest: value }),
  );
  const none = el("option", { value: "" }, ON_ITS_OWN);
  const origin = select([], (value) => kernel.send("move", { statement: statement.id, origin: value }));
  const options = new Map();
  const node = form(
    { class: "cf-item" },
    fieldset(
      `${statement.id} · ${statement.where}`,
      el("p", {}, statement.content),
      quotation(statement),
      statement.via ? el("p", { class: "cf-soft" }, `Passed on by ${statement.via}`) : null,
      el(
        "div",
        { class: "cf-pair" },
        labelled("Item: how credible?", credibility),
        labelled("Would they say so anyway?", interest),
        labelled("Origin: where from?", origin),
      ),
    ),
  );
  const showOrigins = (names) => {
    arrange(origin, [none, ...names.map((name) => keep(options, name, () => el("option", { value: name }, name)))]);
  };
  showOrigins([]);
  return {
    node,
    showOrigins,
    ...showChanges((item, answered) => {
      if (answered) setValues([credibility, origin, interest], item);
    }),
  };
}

function makeCard(source, items, fixed, kernel) {
  const rate = (part) => (value) => kernel.send("rate", { source: source.id, part, value });
  const reliability = select([["", "not rated"], ...fixed.reliability], rate("reliability"));
  const interest = textarea(2, rate("interest"));
  const because = textarea(2, rate("because"));
  const status = el("span", { class: "cf-status" });
  const editor = el("p");
  const compare = details("What an editor would note", editor);
  const first = smallPrint("Once you have written it, you can open what an editor would note.");
  const node = el(
    "div",
    { class: "cf-card" },
    el(
      "fieldset",
      { class: "cf-source" },
      el("legend", {}, `${source.name} · `, status),
      form(
        { class: "cf-source" },
        el("p", {}, `${source.role}. Paid by: ${source.funded}.`),
        labelled("Source: how reliable?", reliability),
        labelled("Its interest: what does it stand to gain or protect?", interest),
        first,
        compare,
        labelled("Because", because),
      ),
      ...items.map((item) => item.node),
    ),
  );
  return {
    node,
    ...showChanges((state, answered) => {
      if (answered) setValues([reliability, interest, because], state.rated);
      setText(status, state.status);
      setText(editor, state.editor);
      setHidden(compare, state.editor === "");
      setHidden(first, state.editor !== "");
    }),
  };
}

// The origins as boxes, each with its statements as chips. Dragging is an extra: the cards' lists do the same.
function originBoxes(statements, kernel) {
  let dragged = null;
  const chips = new Map(
    statements.map((statement) => {
      const chip = el(
        "li",
        { class: "cf-chip", draggable: "true", title: `${statement.who}: ${statement.content}` },
        statement.id,
      );
      chip.addEventListener("dragstart", (event) => {
        dragged = statement.id;
        event.dataTransfer?.setData("text/plain", statement.id);
      });
      chip.addEventListener("dragend", () => {
        dragged = null;
      });
      return [statement.id, chip];
    }),
  );
  function makeBox(name, origin) {
    const list = el("ul", { class: "cf-chips" });
    const title = el("strong");
    const remove =
      origin && button("Remove", () => kernel.send("remove", { name }), { "aria-label": `Remove ${name}` });
    const node = el(
      "div",
      { class: "cf-box", role: "group", "aria-label": `Origin: ${name}` },
      el("p", {}, title, " ", remove),
      list,
    );
    const over = (is) => node.classList.toggle("cf-over", is);
    node.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      over(true);
    });
    node.addEventListener("dragleave", () => over(false));
    node.addEventListener("drop", (event) => {
      over(false);
      if (!dragged) return;
      event.preventDefault();
      kernel.send("move", { statement: dragged, origin });
    });
    /** @param {string[]} held */
    const show = (held) => {
      setText(title, `${name}: ${held.length}`);
      if (remove) setHidden(remove, held.length > 0);
      if (node.dataset.held === held.join()) return;
      node.dataset.held = held.join();
      for (const [place, chip] of held.map((statement) => chips.get(statement)).entries()) {
        if (list.children[place] !== chip) list.insertBefore(chip, list.children[place] ?? null);
      }
    };
    return { node, show };
  }
  const own = makeBox("On their own", "");
  const boxes = new Map();
  const node = el("div", { class: "cf-boxes" }, own.node);
  return {
    node,
    show(state) {
      const named = state.origins.map((name) => keep(boxes, name, () => makeBox(name, name)));
      arrange(node, [own.node, ...named.map((box) => box.node)]);
      const held = (name) => statements.map(({ id }) => id).filter((id) => state.items[id][1] === name);
      named.forEach((box, place) => {
        box.show(held(state.origins[place]));
      });
      own.show(held(""));
    },
  };
}

// Who repeats whom, as a tree: what was said first, and under it what repeats it. A circle is on its own, a square in an
// origin; a solid line leads to the same origin, a dashed one to another.
function repetitionPicture(statements) {
  const ROW = 46;
  const STEP = 34;
  const LETTER = 6.7; // px, on average at 13 px
  const repeating = (id) => statements.filter((statement) => statement.repeats === id);
  const branch = (statement, depth, parent) => [
    { statement, depth, parent },
    ...repeating(statement.id).flatMap((other) => branch(other, depth + 1, statement.id)),
  ];
  const drawn = statements
    .filter((statement) => !statement.repeats && (statement.via || repeating(statement.id).length))
    .flatMap((statement) => branch(statement, 0, ""));
  const place = new Map(drawn.map(({ statement }, row) => [statement.id, row]));
  const rows = drawn.map(({ statement, depth, parent }, row) => {
    const x = depth * STEP + 10;
    const y = row * ROW + 14;
    const trunk =
      parent && svg("path", { d: `M ${x - STEP} ${place.get(parent) * ROW + 20} V ${y}`, class: "cf-trunk" });
    const line = parent && svg("path", { d: `M ${x - STEP} ${y} H ${x - 6}`, class: "cf-link" });
    const mark = svg("path", { class: "cf-mark" });
    const [who, where] = [4, 21].map((below) => svg("text", { x: x + 14, y: y + below }));
    return { statement, parent, x, y, trunk, line, mark, who, where };
  });
  const height = Math.max(1, rows.length) * ROW;
  const node = svg(
    "svg",
    { role: "img", height },
    ...rows.flatMap((row) => (row.parent ? [row.trunk, row.line] : [])),
    ...rows.flatMap((row) => [row.mark, row.who, row.where]),
  );
  const circle = (x, y) => `M ${x - 6} ${y} a 6 6 0 1 0 12 0 a 6 6 0 1 0 -12 0`;
  const square = (x, y) => `M ${x - 6} ${y - 6} h 12 v 12 h -12 z`;
  function draw(state, width) {
    const fit = (text, x) => {
      const most = Math.floor((width - x - 14) / LETTER);
      return text.length > most ? `${text.slice(0, most - 1)}…` : text;
    };
    setAttributes(node, { width, viewBox: `0 0 ${width} ${height}`, "aria-label": state.repetition });
    for (const { statement, parent, x, y, line, mark, who, where } of rows) {
      const origin = state.items[statement.id][1];
      setText(who, fit(`${statement.id} · ${statement.who}${statement.via ? `, via ${statement.via}` : ""}`, x));
      setText(where, fit(origin ? `origin: ${origin}` : ON_ITS_OWN, x));
      setAttributes(mark, { d: (origin ? square : circle)(x, y) });
      const together = origin !== "" && parent && origin === state.items[parent][1];
      if (line) setAttributes(line, { "stroke-dasharray": together ? "none" : "4 4" });
    }
  }
  const asRows = (state) =>
    drawn.map(({ statement }) => [
      statement.id,
      statement.who,
      statement.via || "–",
      statement.repeats || "–",
      state.items[statement.id][1] || ON_ITS_OWN,
    ]);
  return { node, draw, asRows };
}

function build({ fixed, kernel }) {
  const items = new Map(fixed.statements.map((statement) => [statement.id, makeItem(statement, fixed, kernel)]));
  const cards = fixed.sources.map((source) => [
    source.id,
    makeCard(
      source,
      source.statements.map((statement) => items.get(statement)),
      fixed,
      kernel,
    ),
  ]);
  const list = scrollable("cf-cards", "Sources to rate", ...cards.map(([, card]) => card.node));

  const name = input("text", { autocomplete: "off" });
  /** @type {string[]} */
  let named = [];
  const offer = (names) => {
    named = names;
    for (const item of items.values()) item.showOrigins(names);
  };
  const add = () => {
    kernel.send("add", { name: name.value });
    // Nobody has to wait for the kernel to choose it.
    if (name.value.trim()) offer([...new Set([...named, name.value])]);
    name.value = "";
  };
  name.addEventListener("keydown", (event) => event.key === "Enter" && add());
  const naming = form(
    { class: "cf-controls" },
    labelled("Name an origin", name, { class: "cf-field cf-wide" }),
    el("div", {}, button("Add origin", add)),
  );

  const count = el("strong", { class: "cf-lead" });
  const boxes = originBoxes(fixed.statements, kernel);
  const remarks = findingsList();
  const origins = table("Your origins", ["Origin", "How many", "Statements", "Who speaks"]);
  const noOrigins = el("p", {}, "You have not put any statement into an origin yet.");
  const asTable = details("Your origins as a table", noOrigins, origins.node);
  const showOrigins = whenOpen(asTable, (state) => {
    origins.show(state.rows);
    setHidden(origins.node, state.rows.length === 0);
    setHidden(noOrigins, state.rows.length > 0);
  });
  const picture = repetitionPicture(fixed.statements);
  const repetition = el("p");
  const chain = table("Who repeats whom", ["Statement", "Who says it", "Passed on by", "Repeats", "Your origin"]);
  const repeats = details(
    "Who repeats whom",
    repetition,
    picture.node,
    smallPrint(
      "Circle: on its own. Square: in an origin. Solid line: under the same origin as what " +
        "is repeated. Dashed line: counted separately.",
    ),
    details("The same as a table", chain.node),
  );
  let room = 0;
  const showRepeats = whenOpen(repeats, (state) => {
    setText(repetition, state.repetition);
    picture.draw(state, room);
    chain.show(picture.asRows(state));
  });
  const totals = totalsPanel(
    "What it amounts to",
    el("p", { role: "status", "aria-live": "polite" }, count),
    smallPrint(
      "Every statement begins on its own. Name an origin, then put statements into it: with " +
        "“Origin” on their cards, or by dragging their numbers from box to box.",
    ),
    boxes.node,
    remarks.node,
    asTable,
    repeats,
  );

  return {
    content: [naming, el("div", { class: "cf-columns" }, list, totals)],
    show(state, answered) {
      setText(count, state.count);
      // A name just added is not in the state until that is answered.
      if (answered && state.origins !== named) offer(state.origins);
      for (const [id, item] of items) item.show(state.items[id], answered);
      for (const [id, card] of cards) card.show(state.sources[id], answered);
      boxes.show(state);
      remarks.show(state.remarks);
      showOrigins(state);
    },
    draw(state, width) {
      room = width;
      showRepeats(state);
    },
    measured: totals,
    forget() {
      for (const item of items.values()) item.forget();
      for (const [, card] of cards) card.forget();
    },
  };
}

export default widget("cf-sources", "Source cards", build);
