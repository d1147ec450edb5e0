// ClaimTracer's view. It shows the state Python works out and sends back what the learner chooses; it knows no rule.

// The wordings from top to bottom in order of time, with a line to each from the one it follows.
function chainPicture(wordings) {
  const ROW = 46;
  const LANE = 18;
  const x = (lane) => 10 + lane * LANE;
  const y = (place) => 22 + place * ROW;
  const places = new Map(wordings.map((wording, place) => [wording.id, place]));
  const left = x(Math.max(...wordings.map((wording) => wording.lane))) + 18;
  const root = svg("svg", { role: "img", height: wordings.length * ROW });
  for (const [place, wording] of wordings.entries()) {
    if (!places.has(wording.follows)) continue;
    const from = places.get(wording.follows);
    const [x0, y0, x1, y1] = [x(wordings[from].lane), y(from), x(wording.lane), y(place)];
    root.append(
      svg("path", {
        class: "cf-link",
        d: `M ${x0} ${y0} C ${x0} ${y0 + 24} ${x1} ${y0 + 12} ${x1} ${y0 + 36} L ${x1} ${y1}`,
      }),
      svg("path", { class: "cf-arrow", d: `M ${x1} ${y1 - 7} l -5 -9 h 10 z` }),
    );
  }
  const nodes = wordings.map((wording, place) => {
    const at = [x(wording.lane), y(place)];
    const shape = svg("path", { class: "cf-node" });
    const head = svg("text", { class: "cf-node-head", x: left, y: at[1] - 3 });
    root.append(shape, head, svg("text", { x: left, y: at[1] + 14 }, wording.speaker));
    return { wording, shape, head, at };
  });
  return {
    node: root,
    show(state) {
      for (const {
        wording,
        shape,
        head,
        at: [cx, cy],
      } of nodes) {
        const marked = wording.id === state.marked;
        setText(head, `${wording.id} · ${wording.day}${marked ? " · marked" : ""}`);
        setAttributes(shape, {
          class: marked ? "cf-node cf-node-marked" : "cf-node",
          d: marked
            ? `M ${cx} ${cy - 11} l 11 11 l -11 11 l -11 -11 z`
            : `M ${cx - 6} ${cy} a 6 6 0 1 0 12 0 a 6 6 0 1 0 -12 0`,
        });
      }
      setAttributes(root, { "aria-label": state.chain });
    },
    draw(width) {
      setAttributes(root, { width, viewBox: `0 0 ${width} ${wordings.length * ROW}` });
    },
  };
}

// An item says in words, and not only by being struck out or underlined, what became of it.
function showItems(cell, items, tag) {
  const wanted = items.map((item) => item.join("\u0000")).join("\u0001");
  if (cell.dataset.items === wanted) return;
  cell.dataset.items = wanted;
  const nodes = items.map(([text, mark]) =>
    mark ? el("div", {}, el("span", { class: "cf-tag" }, mark), " ", el(tag, {}, text)) : el("div", {}, text),
  );
  cell.replaceChildren(...(nodes.length ? nodes : [el("span", { class: "cf-soft" }, "nothing said")]));
}

// Two wordings side by side, one aspect under the other: two columns, so that they also fit on a narrow screen.
function comparison(wordings) {
  const known = new Map(wordings.map((wording) => [wording.id, wording]));
  const heads = [0, 1].map(() => el("th", { scope: "col" }));
  const contents = [0, 1].map(() => el("ul"));
  const aspects = [];
  const node = el(
    "table",
    { class: "cf-compared" },
    el("caption", {}, "Side by side, in our words"),
    el("thead", {}, el("tr", {}, ...heads)),
    el("tbody", {}, el("tr", {}, ...contents.map((list) => el("td", {}, list)))),
  );

  function makeAspect() {
    const name = el("th", { scope: "rowgroup", colspan: "2" });
    const cells = [0, 1].map(() => el("td"));
    const body = el("tbody", {}, el("tr", {}, name), el("tr", {}, ...cells));
    return { body, name, cells };
  }
  return {
    node,
    show(state) {
      setHidden(node, state.differences.length === 0);
      state.compared.forEach((id, side) => {
        setText(heads[side], known.get(id)?.label ?? "");
        replaceItems(contents[side], known.get(id)?.content ?? []);
      });
      while (aspects.length < state.differences.length) {
        aspects.push(makeAspect());
        node.append(aspects.at(-1).body);
      }
      aspects.forEach(({ body, name, cells }, place) => {
        const difference = state.differences[place];
        setHidden(body, !difference);
        if (!difference) return;
        setText(name, `${difference.aspect}: ${difference.change}`);
        showItems(cells[0], difference.before, "del");
        showItems(cells[1], difference.after, "ins");
      });
    },
  };
}

function build({ fixed, kernel }) {
  const wordings = fixed.wordings.map((wording) => [wording.id, wording.label]);
  const choose = () => kernel.send("compare", { before: before.value, after: after.value });
  const after = select(wordings, choose);
  const before = select([["", "the one it follows"], ...wordings], choose);
  const summary = el("p", { role: "status" });
  const compared = comparison(fixed.wordings);

  const entered = select([["", "not marked yet"], ...wordings], (wording) => kernel.send("mark", { wording }));
  const because = textarea(2, (text) => kernel.send("because", { text }));
  const consequences = el("ul");

  const wording = textarea(3, (text) => kernel.send("write", { text }));
  const standing = el("strong", { class: "cf-lead" });
  const remarks = el("ul");

  const chain = chainPicture(fixed.wordings);
  const asTable = foldedTable(
    "The same as a table",
    "The wordings in order of time",
    fixed.columns,
    (state) =>
      fixed.wordings.map((wording, place) => [
        ...wording.row,
        wording.id === state.marked ? "marked by you" : "",
        ...(state.revealed[place] ?? ["", ""]),
      ]),
    smallPrint("The last two columns are filled in once you have marked where the absolute entered."),
  );

  const picture = el("div", {}, chain.node);
  const chainPanel = el(
    "section",
    { class: "cf-chain", "aria-label": "The chain of wordings" },
    el(
      "p",
      {},
      el("strong", {}, "Who said it, in order of time"),
      " Each line leads from a wording to one that follows it.",
    ),
    picture,
    asTable.node,
  );
  const work = el(
    "div",
    { class: "cf-work" },
    form(
      {},
      fieldset(
        "Compare two wordings",
        el("div", { class: "cf-controls" }, labelled("Wording", after), labelled("Put beside it", before)),
        summary,
        compared.node,
      ),
    ),
    form(
      {},
      fieldset(
        "Where the absolute entered",
        el(
          "p",
          {},
          `An absolute leaves nothing out${fixed.absolute && `: ${fixed.absolute}`}. Which wording brought it in?`,
        ),
        el("div", { class: "cf-fields" }, labelled("It came in with", entered), labelled("Because", because)),
        el("div", { role: "status" }, consequences),
      ),
    ),
    form(
      {},
      fieldset(
        "Write what is to be checked",
        labelled("The wording to be checked", wording),
        el("div", { role: "status", class: "cf-standing" }, standing, remarks),
      ),
    ),
  );

  return {
    content: [el("div", { class: "cf-trace" }, chainPanel, work)],
    measured: picture,
    show(state, answered) {
      if (answered) {
        setValue(after, state.after);
        setValue(before, state.before);
        setValue(entered, state.marked);
        setValue(because, state.because);
        setValue(wording, state.wording);
        for (const option of before.options) option.disabled = option.value === state.after;
        for (const option of after.options) option.disabled = option.value === state.before;
      }
      setText(summary, state.summary);
      compared.show(state);
      replaceItems(consequences, state.consequences);
      setText(standing, state.standing);
      replaceItems(remarks, state.remarks);
      chain.show(state);
      asTable.show(state);
    },
    draw: (_state, width) => chain.draw(width),
  };
}

export default widget("cf-tracer", "Claim tracer", build);
