// ScopeLens: a figure, what it is read for, what is assumed, and the bounds that are left.

// The bounds of each row on one scale. Names and numbers stand beside each bar as text, so that they wrap on a narrow
// screen; an end without limit is an arrow, an end that is left out a ring.
function boundsPicture() {
  const HEIGHT = 30;
  const MIDDLE = 13;
  const MARGIN = 14;
  const root = el("div", { class: "cf-bounds", role: "img" });
  const scale = svg("svg", { height: 22, "aria-hidden": "true" });
  const axis = svg("line", { class: "cf-axis", y1: 2, y2: 2 });
  const marks = ["start", "end"].map((anchor) => svg("text", { y: 18, "text-anchor": anchor }));
  scale.append(axis, ...marks);
  root.append(scale);
  const rows = [];

  function makeRow() {
    const row = {
      label: el("strong"),
      text: el("span"),
      track: svg("line", { class: "cf-axis", y1: MIDDLE, y2: MIDDLE }),
      whole: svg("line", { class: "cf-whole", y1: MIDDLE, y2: MIDDLE }),
      range: svg("line", { class: "cf-range", y1: MIDDLE, y2: MIDDLE }),
      low: svg("path", { class: "cf-end" }),
      high: svg("path", { class: "cf-end" }),
    };
    row.picture = svg(
      "svg",
      { height: HEIGHT, "aria-hidden": "true" },
      row.track,
      row.whole,
      row.range,
      row.low,
      row.high,
    );
    row.node = el("div", {}, el("p", {}, row.label, " ", row.text), row.picture);
    scale.before(row.node);
    return row;
  }
  const closed = (x) => `M ${x} ${MIDDLE - 9} v 18`;
  const ring = (x) => `M ${x - 5} ${MIDDLE} a 5 5 0 1 0 10 0 a 5 5 0 1 0 -10 0 z`;
  const arrow = (x) => `M ${x - 10} ${MIDDLE - 8} l 10 8 l -10 8`;
  const point = (x) => `M ${x} ${MIDDLE - 9} l 7 9 l -7 9 l -7 -9 z`;

  function draw(shown, width) {
    const ends = shown.flatMap((bounds) => [bounds.low, bounds.high ?? 0]);
    // An open range goes on beyond the largest number there is.
    const least = (Math.max(...ends) || 1) * (shown.some((bounds) => bounds.high === null) ? 1.3 : 1.05);
    const step = 10 ** (Math.floor(Math.log10(least)) - 1);
    const reach = Math.ceil(least / step) * step;
    const x = (value) => Math.round(10 * (MARGIN + (value / reach) * (width - 2 * MARGIN))) / 10;
    while (rows.length < shown.length) rows.push(makeRow());
    rows.forEach((row, place) => {
      const bounds = shown[place];
      setHidden(row.node, !bounds);
      if (!bounds) return;
      const high = bounds.high ?? reach;
      const isPoint = bounds.low === bounds.high;
      setText(row.label, `${bounds.label}:`);
      setText(row.text, bounds.text);
      setAttributes(row.picture, { width, viewBox: `0 0 ${width} ${HEIGHT}` });
      setAttributes(row.track, { x1: x(0), x2: x(reach) });
      // The published amount as a length from zero, so that the ranges below can be held against it.
      setAttributes(row.whole, { x1: x(0), x2: x(place === 0 ? bounds.low : 0) });
      setAttributes(row.range, {
        x1: x(bounds.low),
        x2: x(high),
        class: bounds.low === 0 && bounds.high === null ? "cf-range cf-nothing" : "cf-range",
      });
      setAttributes(row.low, {
        d: isPoint ? point(x(bounds.low)) : bounds.above ? ring(x(bounds.low)) : closed(x(bounds.low)),
        class: isPoint ? "cf-end cf-point" : "cf-end",
      });
      setAttributes(row.high, {
        d: isPoint ? "" : bounds.high === null ? arrow(x(reach)) : bounds.below ? ring(x(high)) : closed(x(high)),
      });
    });
    setAttributes(scale, { width, viewBox: `0 0 ${width} 22` });
    setAttributes(axis, { x1: x(0), x2: x(reach) });
    setText(marks[0], "0");
    setText(marks[1], Math.max(...ends) ? Number(reach.toPrecision(3)).toLocaleString("en-GB") : "");
    setAttributes(marks[0], { x: x(0) });
    setAttributes(marks[1], { x: x(reach) });
    setAttributes(root, {
      "aria-label": `Bars from the lowest to the highest value. ${shown.map((bounds) => `${bounds.label}: ${bounds.text}`).join(". ")}`,
    });
  }
  return { node: root, draw };
}

function build({ fixed, kernel, notice }) {
  const look = (part) => (value) => kernel.send("look", { [part]: value });
  const figure = select(fixed.figures, look("figure"));
  const denominator = select(fixed.denominators, look("denominator"));
  const scope = select(fixed.scopes, look("scope"));
  const chooseDay = look("on");
  const day = select(fixed.days, (value) => chooseDay(value === "another" ? fixed.another : value));
  const date = input("date");
  onTyping(date, (value) => value && chooseDay(value));
  const share = labelled("Denominator: of what is it a share?", denominator, { class: "cf-field cf-wide" });
  const other = labelled("Which other day?", date);

  const percent = () => input("number", { min: "0", max: "100", step: "any" });
  const low = percent();
  const high = percent();
  const because = textarea(2, assume);
  const unchanged = input("checkbox");
  function assume() {
    if ([low, high].some((control) => control.value === "" || !control.validity.valid)) {
      notice.show("A share is a number from 0 to 100. From 0 to 100 % is the same as nothing assumed.");
      return;
    }
    kernel.send("assume", {
      low: Number(low.value),
      high: Number(high.value),
      unchanged: unchanged.checked,
      because: because.value,
    });
  }
  for (const control of [low, high]) onTyping(control, assume);
  unchanged.addEventListener("change", assume);
  const drop = button("Assume nothing", () => kernel.send("drop", {}));

  const question = el("p", { class: "cf-question", dir: "auto" });
  const hint = smallPrint("");
  const finding = el("strong", { class: "cf-lead" });
  const means = el("ul");
  const assumption = el("p", { class: "cf-soft" });
  const picture = boundsPicture();
  const numbers = foldedTable("The same as a table", "The picture as a table", ["What", "Bounds"], (state) =>
    state.rows.map(({ label, text }) => [label, text]),
  );
  const can = el("ul");
  const cannot = el("ul");
  const notSaid = details("It cannot say … (name one thing yourself, then open)", cannot);
  const cautions = el("ul");
  const noted = details("What an editor would note", cautions);
  const survey = el("p");
  const asked = el("span");
  const all = table("Every figure, read for the same place and day", [
    "Figure",
    "What it covers",
    "With nothing assumed",
    "With your assumption",
    "For the readings",
  ]);
  const everything = el(
    "details",
    {},
    el("summary", { ...SUPPRESS }, "Which of the figures says anything about ", asked, "?"),
    survey,
    all.node,
  );
  askWhileOpen(everything, kernel, "table");

  const totals = totalsPanel(
    "What the figure says",
    el("div", { role: "status" }, finding, means),
    assumption,
    picture.node,
    numbers.node,
    el("p", { class: "cf-title" }, "It can say"),
    can,
    notSaid,
    noted,
  );
  const asking = form(
    {},
    el("div", { class: "cf-controls" }, labelled("Figure", figure, { class: "cf-field cf-wide" })),
    el("div", { class: "cf-asked", role: "status" }, question, hint),
    el(
      "div",
      { class: "cf-controls" },
      share,
      labelled("For which place?", scope),
      labelled("On which day?", day),
      other,
    ),
  );
  const assuming = form(
    {},
    el(
      "fieldset",
      { class: "cf-assumption" },
      el("legend", {}, "What you assume"),
      el(
        "div",
        { class: "cf-controls" },
        labelled(`${fixed.place}’s share of the total, at least, %`, low),
        labelled("at most, %", high),
        el("div", { class: "cf-check" }, labelled("Nothing changed between the two dates", unchanged)),
      ),
      labelled("Because", because),
      el("p", { class: "cf-soft" }, fixed.holds),
      drop,
    ),
  );
  return {
    content: [el("div", { class: "cf-look" }, asking, totals, assuming), everything],
    show(state, answered) {
      const isOther = !fixed.days.some(([value]) => value === state.on);
      if (answered) {
        setValue(figure, state.figure);
        setValue(denominator, state.denominator);
        setValue(scope, state.scope);
        setValue(day, isOther ? "another" : state.on);
        if (isOther) setValue(date, state.on);
        setValue(low, state.low);
        setValue(high, state.high);
        setValue(because, state.because);
        unchanged.checked = state.unchanged;
      }
      setHidden(share, state.bases.length === 0);
      // Never from under the learner's hands: a date typed there may be the day of the claim.
      setHidden(other, !isOther && !hasFocus(date));
      for (const option of denominator.options) {
        option.disabled = option.value !== "" && !state.bases.includes(option.value);
      }
      setText(question, state.question);
      setText(hint, state.hint);
      setText(finding, state.finding);
      replaceItems(means, state.means);
      setText(assumption, state.assumption);
      replaceItems(can, state.can);
      replaceItems(cannot, state.cannot);
      setHidden(notSaid, state.cannot.length === 0);
      replaceItems(cautions, state.cautions);
      setHidden(noted, state.cautions.length === 0);
      numbers.show(state);
      setText(asked, state.asked);
      setText(survey, state.survey);
      all.show(state.table);
    },
    draw: (state, width) => picture.draw(state.rows, width),
    measured: picture.node,
  };
}

export default widget("cf-lens", "Scope lens", build);
