// Progress's view. It shows what Python counts, hands files over both ways, and asks before a loss; it knows no rule.

// The learner's own clock, with the day where it is not today's.
function localTime(moment) {
  const when = new Date(moment);
  const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return when.toDateString() === new Date().toDateString() ? time : `${time} on ${when.toLocaleDateString()}`;
}

function makeLesson([number, name]) {
  const bar = el("progress", { max: "1" });
  const words = el("p", { class: "cf-soft" });
  const node = el("li", {}, labelled(name, bar), words);
  return {
    node,
    show(state) {
      const { share } = state.lessons[number];
      setAttributes(bar, { value: share });
      node.classList.toggle("cf-done", share === 1);
      setText(words, state.lessons[number].words);
    },
  };
}

// While changes are on a machine that goes away and nowhere else, the browser asks before the page is left.
function guard() {
  const ask = (event) => event.preventDefault();
  return (needed) => {
    if (needed) window.addEventListener("beforeunload", ask);
    else window.removeEventListener("beforeunload", ask);
  };
}

function build({ fixed, kernel, notice, model }) {
  const me = Math.random().toString(36).slice(2);
  const askBeforeLeaving = guard();

  const reminder = el("span", {}, fixed.reminder);
  if (fixed.reminder_if_persistent) {
    navigator.storage?.persisted?.().then((isPersistent) => {
      if (isPersistent) setText(reminder, fixed.reminder_if_persistent);
    });
  }
  const next = el("p", { class: "cf-lead", role: "status" });
  const done = el("p");
  const lessons = fixed.lessons.map(makeLesson);
  const hints = el("p", { class: "cf-soft" });
  const span = select(fixed.spans, (value) => kernel.send("show", { lesson: value }));
  const parts = table("What these lessons leave in your ledger", ["Notebook", "Part", "There", "Wanted", "Next"]);

  const saved = el("p", { role: "status" });
  const importReport = el("p", { role: "status" });
  const file = input("file", { accept: ".json,application/json" });
  async function merge() {
    const chosen = file.files?.[0];
    if (!chosen) return notice.show("Choose a file first: a ledger you downloaded before.");
    if (chosen.size > fixed.largest) {
      return notice.show(`That file is larger than ${fixed.largest / 1e6} MB, so it is not a ledger. Choose another.`);
    }
    try {
      kernel.send("merge", { text: await chosen.text() });
    } catch {
      notice.show("Your browser could not read that file. Choose it again.");
    }
  }
  const copy = form(
    { class: "cf-copy" },
    fieldset(
      "A copy on your own computer",
      saved,
      el(
        "div",
        { class: "cf-buttons" },
        button("Download your ledger", () => kernel.ask("download", { to: me })),
        button("Download your judgements as a table (CSV)", () => kernel.ask("download_table", { to: me })),
      ),
      labelled("A ledger you downloaded before", file),
      button("Import it", merge),
      importReport,
      smallPrint(
        "Importing a ledger adds to this one; nothing is lost. A CSV opens in a spreadsheet " +
          "and cannot be imported. Each exercise has its own ledger in its folder.",
      ),
    ),
  );

  const receive = (message) => {
    if (message.type === "file" && message.to === me) download(message.name, message.text, message.kind);
  };
  model.on("msg:custom", receive);

  const course = [
    el("div", { class: "cf-next" }, next, done),
    el("ul", { class: "cf-lessons" }, ...lessons.map((lesson) => lesson.node)),
    form({ class: "cf-controls" }, labelled("Show in detail", span)),
    parts.node,
    hints,
  ];
  return {
    content: fixed.temporary
      ? [el("p", { class: "cf-reminder" }, el("strong", {}, "Before you leave: "), reminder), copy, ...course]
      : [...course, copy],
    show(now, answered) {
      setText(next, now.next);
      setText(done, now.done);
      for (const lesson of lessons) lesson.show(now);
      if (answered) setValue(span, now.span);
      parts.show(now.parts);
      setText(hints, now.hints);
      setText(saved, now.saved.replace("{when}", now.downloaded && localTime(now.downloaded)));
      setText(importReport, now.import_report);
      askBeforeLeaving(fixed.temporary && now.unsaved);
    },
    close() {
      askBeforeLeaving(false);
      model.off("msg:custom", receive);
    },
  };
}

export default widget("cf-progress", "Progress", build);
