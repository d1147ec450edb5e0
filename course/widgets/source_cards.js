// SourceCards' view: a line for each statement, which opens to rate it and its source, and a box for each origin. It
// knows no rule: Python groups, counts and remarks.

const ON_ITS_OWN = "on its own";
const ENOUGH_TO_FILTER = 8;

// Takes a rating back. The button goes away with it, so the focus goes to the question.
function takeBack(text, question, send) {
  const node = button(text, () => {
    question.value = "";
    question.node.querySelector("input")?.focus();
    send("");
  });
  node.classList.add("cf-quiet");
  return node;
}

// A statement: one line with its letter, number and origin. Opened, it asks about the statement and shows its source.
function makeItem(statement, source, fixed, kernel, group) {
  const { id, who } = statement;
  const send = (value) => kernel.send("rate_item", { statement: id, value });
  const credibility = gradeSegments(
    "How credible is the item?",
    fixed.credibility,
    "6",
    ["1 confirmed … 5 improbable", "6 unknown"],
    send,
  );
  const back = takeBack("Take back the number", credibility, send);
  const interest = segments(
    "Would they say so anyway, true or not?",
    fixed.interest.map(([code, , short]) => [code, short, "", code === "unknown" ? "cf-unsure" : ""]),
    (value) => kernel.send("rate_interest", { statement: id, interest: value }),
  );
  const none = el("option", { value: "" }, ON_ITS_OWN);
  const origin = select([], (value) => kernel.send("move", { statement: id, origin: value }));
  const options = new Map();
  const letter = el("span", { class: "cf-code" });
  const number = el("span", { class: "cf-code" });
  const codes = el("span", { class: "cf-codes", "aria-hidden": "true" }, letter, number);
  const spoken = el("span", { class: "cf-unseen" });
  const unrated = el("span", {}, "not rated");
  const chip = el("span", { class: "cf-chip" });
  const chipText = el("bdi");
  chip.append(el("span", { class: "cf-unseen" }, " origin: "), chipText);
  const inside = form(
    { class: "cf-inside cf-item", role: "group", "aria-label": `${id} · ${who}` },
    el("p", { class: "cf-says", dir: "auto" }, statement.content),
    quotation(statement),
    el("p", { class: "cf-soft" }, statement.where, statement.via ? ` · passed on by ${statement.via}` : ""),
    el("div", { class: "cf-pair" }, credibility.node, labelled("Origin: where from?", origin)),
    interest.node,
    back,
  );
  const node = foldingCard(
    group,
    [
      el("span", { class: "cf-id cf-num" }, id),
      el("span", { class: "cf-unseen" }, " · "),
      el(
        "span",
        { class: "cf-who" },
        el("bdi", { class: "cf-name" }, who),
        " ",
        el("bdi", { class: "cf-short" }, statement.content),
      ),
      el("span", { class: "cf-right" }, unrated, codes, spoken, chip),
    ],
    inside,
  );
  // A source's rating is the same for all it says, so its controls go with the card that is open.
  node.addEventListener("toggle", () => {
    if (node.open && source.node.parentNode !== inside) inside.append(source.node);
  });
  const found = [id, who, statement.content, statement.quoted, statement.via].join(" ").toLocaleLowerCase();
  const showOrigins = (names) => {
    arrange(origin, [none, ...names.map((name) => keep(options, name, () => el("option", { value: name }, name)))]);
  };
  showOrigins([]);
  return {
    node,
    statement,
    inside,
    showOrigins,
    finds: (text) => found.includes(text),
    showCodes(item, rating) {
      const [reliability] = rating;
      const [credible, home] = item;
      const any = reliability !== "" || credible !== "";
      setHidden(unrated, any);
      setHidden(codes, !any);
      for (const [code, value] of [
        [letter, reliability],
        [number, credible],
      ]) {
        setText(code, value || "–");
        code.classList.toggle("cf-on", value !== "");
      }
      setText(spoken, any ? `source ${reliability || "not rated"}, item ${credible || "not rated"}` : "");
      setText(chipText, home);
      setHidden(chip, home === "");
    },
    ...showChanges((item, answered) => {
      if (answered) setValues([credibility, origin, interest], item);
      setHidden(back, item[0] === "");
    }),
  };
}

// Who says it: one rating for all statements of a source.
function makeSource(source, fixed, kernel) {
  const rate = (part) => (value) => kernel.send("rate", { source: source.id, part, value });
  const reliability = gradeSegments(
    "How reliable is the source?",
    fixed.reliability,
    "F",
    ["A completely … E not", "F unknown"],
    rate("reliability"),
  );
  const back = takeBack("Take back the letter", reliability, rate("reliability"));
  const interest = textarea(2, rate("interest"));
  const because = textarea(2, rate("because"));
  interest.dir = "auto";
  because.dir = "auto";
  const status = el("span", { class: "cf-status" });
  const editor = el("p", { dir: "auto" });
  const compare = details("What an editor would note", editor);
  compare.classList.add("cf-more");
  const first = smallPrint("Once you have written the interest, you can open what an editor would note.");
  const count = source.statements.length;
  const node = el(
    "fieldset",
    { class: "cf-source" },
    el("legend", {}, el("bdi", {}, source.name), " · ", status),
    el("p", { dir: "auto" }, `${source.role}. Paid by: ${source.funded}.`),
    count > 1 ? smallPrint(`This rating counts for all ${count} statements of this source.`) : null,
    reliability.node,
    back,
    el(
      "div",
      { class: "cf-pair" },
      labelled("Its interest: what does it stand to gain or protect?", interest),
      labelled("Because", because),
    ),
    first,
    compare,
  );
  return {
    node,
    ...showChanges((state, answered) => {
      if (answered) setValues([reliability, interest, because], state.rated);
      setText(status, state.status);
      setText(editor, state.editor);
      setHidden(compare, state.editor === "");
      setHidden(first, state.editor !== "");
      setHidden(back, state.rated[0] === "");
    }),
  };
}

// The origins as boxes, each with its statements as chips. Dragging is an extra: the cards' lists do the same.
function originBoxes(statements, kernel) {
  let dragged = null;
  const canDrag = (node, id) => {
    node.draggable = true;
    node.addEventListener("dragstart", (event) => {
      dragged = id;
      event.dataTransfer?.setData("text/plain", id);
    });
    node.addEventListener("dragend", () => {
      dragged = null;
    });
  };
  const chips = new Map(
    statements.map(({ id, who, content }) => {
      const chip = el(
        "li",
        { class: "cf-chip", title: `${who}: ${content}` },
        el("bdi", {}, who),
        " ",
        el("span", { class: "cf-id cf-num" }, id),
      );
      canDrag(chip, id);
      return [id, chip];
    }),
  );
  function makeBox(name, origin) {
    const list = el("ul", { class: "cf-chips" });
    const title = el("strong");
    const remove =
      origin && button("Remove", () => kernel.send("remove", { name }), { "aria-label": `Remove ${name}` });
    const head = origin ? el("p", {}, el("bdi", {}, title), " ", remove) : el("summary", { ...SUPPRESS }, title);
    const node = el(
      "div",
      { class: "cf-box", role: "group", "aria-label": `Origin: ${name}` },
      ...(origin ? [head, list] : [el("details", {}, head, list)]),
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
      setHidden(list, held.length === 0);
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
    canDrag,
    show(state) {
      const named = state.origins.map((name) => keep(boxes, name, () => makeBox(name, name)));
      arrange(node, [...named.map((box) => box.node), own.node]);
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

// Which statements are shown: all, those of one kind, speaker or origin, and of these those that hold a text.
function makeFilter(fixed, items, current) {
  const origins = el("optgroup", { label: "Your origins" });
  const kind = select(
    [
      ["all", "all statements"],
      ["blank", "not rated yet"],
      ["own", "on their own"],
    ],
    () => sift(false),
  );
  const options = new Map();
  const speakers = fixed.sources.map(({ id, name, statements }) =>
    el("option", { value: `speaker/${id}` }, `${name} (${statements.length})`),
  );
  kind.append(el("optgroup", { label: "Who says it" }, ...speakers));
  const text = input("search", { autocomplete: "off", placeholder: "a name or a word", dir: "auto" });
  text.addEventListener("input", () => sift(false));
  const shown = el("p", { class: "cf-soft", role: "status" });
  const node = form(
    { class: "cf-filter", role: "search", "aria-label": "Statements" },
    labelled("Show", kind),
    labelled("Find", text),
    shown,
  );
  setHidden(node, fixed.statements.length < ENOUGH_TO_FILTER);
  // A card that is being worked on stays when its rating changes, until something else is asked for.
  function sift(keepOpen) {
    const { items: states, rated } = current();
    const [what, ...rest] = kind.value.split("/");
    const name = rest.join("/");
    const spoken = fixed.sources.find(({ id }) => what === "speaker" && id === name)?.statements ?? [];
    const wanted = text.value.trim().toLocaleLowerCase();
    const fits = (id) =>
      what === "all" ||
      (what === "blank" && !rated.includes(id)) ||
      (what === "own" && states[id][1] === "") ||
      (what === "speaker" && spoken.includes(id)) ||
      (what === "origin" && states[id][1] === name);
    let count = 0;
    for (const [id, item] of items) {
      const here = (fits(id) && item.finds(wanted)) || (keepOpen && item.node.open && !item.node.hidden);
      setHidden(item.node, !here);
      count += Number(here);
    }
    const some = `Shown: ${count} of ${items.size}.`;
    setText(shown, count === items.size ? "" : count ? some : "No statement fits. Show all, or change the text.");
  }
  return {
    node,
    sift,
    showOrigins(names) {
      const there = names.map((name) => keep(options, name, () => el("option", { value: `origin/${name}` }, name)));
      arrange(origins, there);
      if (names.length && !origins.parentNode) kind.append(origins);
      if (!names.length) origins.remove();
    },
  };
}

function build({ fixed, kernel, saved, state: current }) {
  const group = `cf-cards-${Math.random().toString(36).slice(2)}`;
  const sources = new Map(fixed.sources.map((source) => [source.id, makeSource(source, fixed, kernel)]));
  const speakerOf = new Map(fixed.sources.flatMap(({ id, statements }) => statements.map((name) => [name, id])));
  const items = new Map(
    fixed.statements.map((statement) => [
      statement.id,
      makeItem(statement, sources.get(speakerOf.get(statement.id)), fixed, kernel, group),
    ]),
  );
  // Where a source's controls wait until one of its cards is opened.
  for (const { id, statements } of fixed.sources) items.get(statements[0]).inside.append(sources.get(id).node);
  const boxes = originBoxes(fixed.statements, kernel);
  for (const [id, item] of items) boxes.canDrag(item.node.querySelector("summary"), id);
  const list = el("div", { class: "cf-list" }, ...[...items.values()].map((item) => item.node));
  const filter = makeFilter(fixed, items, current);

  const name = input("text", { autocomplete: "off", dir: "auto" });
  /** @type {string[]} */
  let named = [];
  const offer = (names) => {
    named = names;
    for (const item of items.values()) item.showOrigins(names);
    filter.showOrigins(names);
  };
  const add = () => {
    kernel.send("add", { name: name.value });
    // Nobody has to wait for the kernel to choose it.
    if (name.value.trim()) offer([...new Set([...named, name.value])]);
    name.value = "";
  };
  name.addEventListener("keydown", (event) => event.key === "Enter" && add());
  const naming = form({ class: "cf-naming" }, labelled("Name an origin", name), button("Add origin", add));

  const count = el("strong", { class: "cf-lead" });
  const rated = el("span", { class: "cf-num" });
  const bar = el(
    "div",
    { class: "cf-sticky cf-total" },
    el("p", { role: "status", "aria-live": "polite" }, count),
    el("p", { class: "cf-counted" }, rated, " ", saved.node),
  );
  const remarks = findingsList();
  remarks.node.classList.add("cf-more");
  const origins = table("Your origins", ["Origin", "How many", "Statements", "Who speaks"]);
  const noOrigins = el("p", {}, "You have not put any statement into an origin yet.");
  const asTable = details("Your origins as a table", noOrigins, origins.node);
  asTable.classList.add("cf-more");
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
  repeats.classList.add("cf-more");
  let room = 0;
  const showRepeats = whenOpen(repeats, (state) => {
    setText(repetition, state.repetition);
    picture.draw(state, room);
    chain.show(picture.asRows(state));
  });
  const beside = el(
    "section",
    { class: "cf-beside", "aria-label": "Your origins" },
    smallPrint(
      "Every statement begins on its own. Name an origin, then choose it under “Origin” on each card that " +
        "belongs there, or drag the card’s line into its box.",
    ),
    boxes.node,
    remarks.node,
    asTable,
    repeats,
  );

  return {
    content: [bar, el("div", { class: "cf-tools" }, filter.node, naming), el("div", { class: "cf-two" }, list, beside)],
    show(state, answered) {
      setText(count, state.count);
      setText(rated, `${state.rated.length} of ${fixed.statements.length} rated`);
      // A name just added is not in the state until that is answered.
      if (answered && state.origins !== named) offer(state.origins);
      for (const [id, item] of items) {
        item.show(state.items[id], answered);
        item.showCodes(state.items[id], state.sources[speakerOf.get(id)].rated);
      }
      for (const [id, source] of sources) source.show(state.sources[id], answered);
      boxes.show(state);
      remarks.show(state.remarks);
      showOrigins(state);
      filter.sift(true);
    },
    draw(state, width) {
      room = width;
      showRepeats(state);
    },
    measured: beside,
    forget() {
      for (const item of items.values()) item.forget();
      for (const source of sources.values()) source.forget();
    },
  };
}

export default widget("cf-sources", "Source cards", build);
