// VerdictDesk's view. It shows the verdict the ledger holds and sends back what is written; Python remarks and counts.

const RULING_NAMES = {
  rating: "Rating",
  likelihood: "How likely is the claim?",
  confidence: "How good is the evidence?",
  because: "Grounds: what does it rest on?",
};

function makeRuling([clock, title], fixed, kernel) {
  const rate = (part) => (value) => kernel.send("rate", { clock, part, value });
  const none = ["", "not given"];
  const controls = {
    rating: select([none], rate("rating")),
    likelihood: select([none, ...fixed.likelihood], rate("likelihood")),
    confidence: select([none, ...fixed.confidence], rate("confidence")),
    because: textarea(3, rate("because")),
  };
  controls.because.dir = "auto";
  const fields = Object.fromEntries(
    Object.entries(controls).map(([part, control]) => [part, labelled(RULING_NAMES[part], control)]),
  );
  let offered = null;
  return {
    // The labels on offer follow the scale at once, also while the kernel is away.
    offer(scale) {
      if (offered === scale) return;
      offered = scale;
      const options = [none, ...fixed.labels[scale].map((label) => [label, label])];
      controls.rating.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
      setHidden(fields.rating, options.length === 1);
    },
    node: fieldset(title, el("div", { class: "cf-ruling" }, ...Object.values(fields))),
    show(ruling, answered) {
      if (answered) for (const [part, control] of Object.entries(controls)) setValue(control, ruling[part]);
    },
  };
}

// One checkbox for each statement of the register; those neither judged nor cited are hidden.
function makeCitations(fixed, kernel) {
  const none = el(
    "p",
    { class: "cf-soft" },
    "You have judged no statement for this reading yet. Judge some on the evidence board.",
  );
  const rows = fixed.statements.map(([id, text]) => {
    const box = input("checkbox", {
      onchange: () => kernel.send("cite", { statement: id, cited: box.checked }),
    });
    const note = el("span", { class: "cf-soft" });
    return {
      id,
      box,
      note,
      node: el("label", { class: "cf-check" }, box, el("span", {}, el("bdi", {}, text), " ", note)),
    };
  });
  return {
    node: fieldset("Evidence cited", none, el("div", { class: "cf-cites" }, ...rows.map((row) => row.node))),
    show(citations, answered) {
      for (const { id, box, note, node } of rows) {
        const here = citations[id];
        // A box in use stays until it is left.
        setHidden(node, !here && !hasFocus(box));
        if (answered) box.checked = Boolean(here?.[0]);
        setText(note, here?.[1] ?? "");
      }
      setHidden(none, Object.keys(citations).length > 0);
    },
  };
}

function build({ fixed, kernel, saved }) {
  const scale = select(fixed.scales, (value) => {
    offer();
    kernel.send("scale", { scale: value });
  });
  const claim = select(fixed.claims, (value) => kernel.send("check", { claim: value }));
  const reading = select(fixed.readings, (value) => kernel.send("check", { reading: value }));
  const checked = el("p", { class: "cf-checked", dir: "auto" });
  const rulings = fixed.clocks.map((clock) => [clock[0], makeRuling(clock, fixed, kernel)]);
  const offer = () => {
    for (const [, ruling] of rulings) ruling.offer(scale.value);
  };
  const citations = makeCitations(fixed, kernel);

  const write = (part) => (value) => kernel.send("write", { part, value });
  const texts = {
    headline: textarea(2, write("headline")),
    summary: textarea(4, write("summary")),
    author: input("text", { autocomplete: "name" }),
    url: input("url", { placeholder: "https://" }),
    checked_on: input("date"),
    corrections: textarea(2, write("corrections")),
  };
  for (const part of ["headline", "summary", "author", "corrections"]) texts[part].dir = "auto";
  for (const part of ["author", "url", "checked_on"]) onTyping(texts[part], write(part));
  const counted = (part, text) => {
    const count = el("span", { class: "cf-soft" });
    const node = labelled(text, texts[part]);
    count.id = `${texts[part].id}-count`;
    texts[part].setAttribute("aria-describedby", count.id);
    node.append(count);
    return { count, node };
  };
  const headline = counted("headline", "Headline");
  const summary = counted("summary", "Summary");

  const lead = el("strong", { class: "cf-lead" });
  const remarked = el("span");
  const remarks = el("ul", { class: "cf-remarks" });
  const amounts = foldedTable(
    "Compare with your own judgements",
    "What your own judgements amount to",
    ["Clock", "The claim is", "Confidence in the evidence"],
    (now) => now.amounts,
  );

  const page = el("iframe", { sandbox: "", title: "Preview of the page", loading: "lazy", ...SUPPRESS });
  const preview = details("Preview of the page", smallPrint("A draft; the charts are added in the file."), page);
  for (const node of [amounts.node, preview]) node.classList.add("cf-more");
  askWhileOpen(preview, kernel, "preview");

  // Both views of a ledger get the file; the one that asked keeps it.
  let wanted = null;
  const ask = (name) => () => {
    wanted = name;
    kernel.ask("download", { name });
  };
  const overwrite = input("checkbox");
  const done = el("p", { role: "status" });
  const publish = fieldset(
    "Publish",
    el(
      "div",
      { class: "cf-buttons" },
      button("Download the page", ask(fixed.files.page)),
      button("Download the ClaimReview", ask(fixed.files.review)),
      button("Save both beside the notebook", () => kernel.ask("export", { overwrite: overwrite.checked })),
    ),
    el("label", { class: "cf-check" }, overwrite, el("span", {}, "Replace files that are there already")),
    done,
  );

  const desk = form(
    { class: "cf-desk" },
    el(
      "div",
      { class: "cf-controls" },
      labelled("Whose wording do you check?", claim),
      labelled("In which meaning?", reading),
      labelled("Scale of the rating", scale),
    ),
    checked,
    el("div", { class: "cf-rulings" }, ...rulings.map(([, ruling]) => ruling.node)),
    citations.node,
    fieldset("In words", headline.node, summary.node),
    fieldset(
      "About the page",
      el(
        "div",
        { class: "cf-imprint" },
        labelled("Author (may stay empty)", texts.author),
        labelled("Address where it will be published", texts.url),
        labelled("Day of the check", texts.checked_on),
        labelled("Corrections", texts.corrections),
      ),
    ),
    publish,
  );
  // What stays in sight while one writes
  const bar = el(
    "div",
    { class: "cf-sticky cf-short-verdict" },
    el("p", { role: "status" }, lead, " ", remarked),
    saved.node,
  );
  const beside = el(
    "section",
    { class: "cf-beside", "aria-label": "What an editor would ask" },
    remarks,
    amounts.node,
    preview,
  );

  return {
    content: [bar, el("div", { class: "cf-two" }, desk, beside)],
    show(now, answered) {
      if (answered) {
        setValue(scale, now.scale);
        setValue(claim, now.claim);
        setValue(reading, now.reading);
        for (const [part, control] of Object.entries(texts)) setValue(control, now.texts[part]);
      }
      offer();
      setText(checked, now.checked);
      for (const [clock, ruling] of rulings) ruling.show(now[clock], answered);
      citations.show(now.citations, answered);
      setText(headline.count, now.counts.headline);
      setText(summary.count, now.counts.summary);
      setText(lead, now.lead);
      setText(remarked, now.remarked);
      replaceItems(remarks, now.remarks);
      setHidden(remarks, now.remarks.length === 0);
      amounts.show(now);
      if (now.preview) setAttributes(page, { srcdoc: now.preview });
      setText(done, now.done);
      if (wanted && now.file?.name === wanted) {
        wanted = null;
        download(now.file.name, now.file.text, now.file.kind);
      }
    },
    forget: () => {
      wanted = null;
    },
    measured: beside,
  };
}

export default widget("cf-verdict", "Verdict desk", build);
