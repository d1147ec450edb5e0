// ClaimTracer's view. It shows the state Python works out and sends back what the learner chooses; it knows no rule.

const LANE = 18;
const NODE = 18;
const SIGNS = { lost: "−", added: "+", changed: "≠" };

// The part of the lines that runs beside one wording: those that pass it, the one that ends in it, and those that begin
// in it. A line goes straight down in the lane of the wording it leads to.
function linesBeside(wordings, place) {
  const places = new Map(wordings.map((wording, at) => [wording.id, at]));
  const x = (lane) => 10 + lane * LANE;
  const width = x(Math.max(...wordings.map((wording) => wording.lane))) + 12;
  const root = svg("svg", { width, "aria-hidden": "true" });
  const down = (lane, from, to) => svg("line", { class: "cf-link", x1: x(lane), x2: x(lane), y1: from, y2: to });
  wordings.forEach((wording, end) => {
    const start = places.get(wording.follows);
    if (start === undefined || place < start || place > end) return;
    const to = x(wording.lane);
    if (place === end) root.append(down(wording.lane, 0, NODE), svg("path", { class: "cf-arrow", d: arrow(to) }));
    else if (place > start) root.append(down(wording.lane, 0, "100%"));
    else {
      const from = x(wordings[start].lane);
      const bend = `M ${from} ${NODE} C ${from} ${NODE + 18} ${to} ${NODE + 8} ${to} ${NODE + 24}`;
      root.append(svg("path", { class: "cf-link", d: bend }), down(wording.lane, NODE + 24, "100%"));
    }
  });
  const centre = x(wordings[place].lane);
  const node = svg("path", { class: "cf-node" });
  root.append(node);
  return {
    root,
    width,
    show(isMarked) {
      setAttributes(node, {
        class: isMarked ? "cf-node cf-node-marked" : "cf-node",
        d: isMarked
          ? `M ${centre} ${NODE - 10} l 10 10 l -10 10 l -10 -10 z`
          : `M ${centre - 6} ${NODE} a 6 6 0 1 0 12 0 a 6 6 0 1 0 -12 0`,
      });
    },
  };
}
const arrow = (x) => `M ${x} ${NODE - 7} l -5 -9 h 10 z`;

// The wordings in order of time: each with its words, beside the line that leads to it, and with what has changed since
// the one it follows. They are one Tab stop, and the arrows go from one to the next.
function chainList(wordings, choose) {
  const items = wordings.map((wording, place) => {
    const lines = linesBeside(wordings, place);
    const marked = el("span", { class: "cf-chip" }, "◆ marked");
    const compared = el("span", { class: "cf-chip" }, "compared");
    const head = button("", () => choose(wording.id), { class: "cf-said", tabindex: place ? "-1" : "0" });
    head.append(el("strong", {}, `${wording.id} · `, el("bdi", {}, wording.speaker)));
    const changes = wording.steps.map(([aspect, change]) =>
      el("li", { class: `cf-chip cf-${change}` }, `${SIGNS[change]} ${aspect}: ${change}`),
    );
    const node = el(
      "li",
      {},
      lines.root,
      el(
        "p",
        { class: "cf-heading" },
        head,
        wording.date ? el("time", { datetime: wording.date }, wording.day) : el("span", {}, wording.day),
        marked,
        compared,
      ),
      el("p", { dir: "auto" }, wording.words),
      wording.quoted ? el("p", { class: "cf-soft", dir: "auto" }, `“${wording.quoted}”`) : null,
      wording.follows ? el("p", { class: "cf-soft cf-since" }, `Since ${wording.follows}`) : null,
      changes.length ? el("ul", { class: "cf-changes" }, ...changes) : null,
    );
    node.style.setProperty("--cf-lanes", `${lines.width}px`);
    return { wording, lines, head, marked, compared, node };
  });
  const heads = items.map(({ head }) => head);
  const list = el("ol", { class: "cf-wordings" }, ...items.map(({ node }) => node));
  list.addEventListener("focusin", ({ target }) => {
    if (heads.includes(target)) for (const head of heads) head.tabIndex = head === target ? 0 : -1;
  });
  list.addEventListener("keydown", (event) => {
    const at = heads.indexOf(event.target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: heads.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    heads[to]?.focus();
  });
  return {
    node: list,
    show(state) {
      for (const { wording, lines, head, marked, compared, node } of items) {
        const isCompared = state.compared.includes(wording.id);
        lines.show(wording.id === state.marked);
        setHidden(marked, wording.id !== state.marked);
        setHidden(compared, !isCompared);
        setAttributes(head, { "aria-pressed": wording.id === state.after });
        node.classList.toggle("cf-is-compared", isCompared);
      }
    },
  };
}

// An item says in words, and not only by being struck out or underlined, what became of it.
function showItems(cell, items, tag) {
  const wanted = items.map((item) => item.join("\u0000")).join("\u0001");
  if (cell.dataset.items === wanted) return;
  cell.dataset.items = wanted;
  const nodes = items.map(([text, mark]) =>
    mark
      ? el("div", {}, el("span", { class: "cf-tag" }, mark), " ", el(tag, { dir: "auto" }, text))
      : el("div", { dir: "auto" }, text),
  );
  cell.replaceChildren(...(nodes.length ? nodes : [el("span", { class: "cf-soft" }, "nothing said")]));
}

// Two wordings side by side, one aspect under the other: two columns, so that they also fit on a narrow screen.
function comparison(wordings) {
  const known = new Map(wordings.map((wording) => [wording.id, wording]));
  const heads = [0, 1].map(() => el("th", { scope: "col", dir: "auto" }));
  const contents = [0, 1].map(() => el("ul", { dir: "auto" }));
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

  const chain = chainList(fixed.wordings, (id) => kernel.send("compare", { before: "", after: id }));
  const links = smallPrint("");
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

  const chainPanel = el(
    "section",
    { class: "cf-chain", "aria-label": "The chain of wordings" },
    el(
      "p",
      {},
      el("strong", {}, "Who said it, in order of time"),
      " Each line leads from a wording to one that follows it. Choose a wording to compare it.",
    ),
    chain.node,
    links,
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
    content: [el("div", { class: "cf-trace" }, chainPanel, work), asTable.node],
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
      setText(links, state.chain);
      asTable.show(state);
    },
  };
}

export default widget("cf-tracer", "Claim tracer", build);
