// Shared by every widget: small DOM helpers, and a connection to the kernel that knows whether it is being answered.
// Each widget's own module follows this text in one ES module.

/** @typedef {Record<string, any>} Attributes attributes, and listeners under names that begin with "on" */
/** @typedef {Node | string | null | undefined} Child */
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */
/** @typedef {{ node: HTMLFieldSetElement, value: string }} Segments radios side by side; "" means none is chosen */
/** @typedef {ReturnType<typeof kernelConnection>} Kernel */
/** @typedef {ReturnType<typeof makeNotice>} Notice */
/** @typedef {import("@anywidget/types").AnyModel} Model */
/** @typedef {{ fixed: any, kernel: Kernel, notice: Notice, saved: SavedMark, state: () => any, model: Model }} Parts what a view is built from */

// JupyterLab takes arrow keys and letters away from a focused control unless the control itself asks it not to.
const SUPPRESS = { "data-lm-suppress-shortcuts": "true" };
const SVG_NS = "http://www.w3.org/2000/svg";
const ANSWER_WITHIN_MS = 5000;

/**
 * @template {Element} E
 * @param {E} node
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  for (const child of children) if (child != null) node.append(child);
  return node;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG_NS, tag), attributes, children);
}

// Writing only what differs keeps a repaint short and keeps a live region from speaking twice.
/** @type {(node: Element, text: string) => void} */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @type {(node: Element, attributes: Attributes) => void} */
function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

/** @type {(node: HTMLElement, hidden: boolean) => void} */
function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

/** @type {(node: HTMLElement, text: string) => void} */
function setTextOrHide(node, text) {
  setText(node, text);
  setHidden(node, text === "");
}

/** @type {(node: Element) => boolean} */
function hasFocus(node) {
  return node.contains(/** @type {Document | ShadowRoot} */ (node.getRootNode()).activeElement);
}

// A control keeps what the learner is typing or has not yet been answered about.
/** @type {(control: Control | Segments, value: string) => void} */
function setValue(control, value) {
  if (control.value !== value && !(control instanceof Element && hasFocus(control))) control.value = value;
}

/** @type {(controls: (Control | Segments)[], values: string[]) => void} */
function setValues(controls, values) {
  for (const [place, control] of controls.entries()) setValue(control, values[place]);
}

let labels = 0;
/** @type {(text: string, control: HTMLElement, attributes?: Attributes) => HTMLElement} */
function labelled(text, control, attributes = {}) {
  labels += 1;
  control.id = `cf-${Date.now().toString(36)}-${labels}`;
  return el("div", { class: "cf-field", ...attributes }, el("label", { for: control.id }, text), control);
}

// A group of controls that is never submitted. At every change browsers look through all controls of a form for what
// they could fill in, and through the whole page's where there is no form: that took longer than all the rest.
/** @type {(attributes: Attributes, ...children: Child[]) => HTMLFormElement} */
function form(attributes, ...children) {
  const node = el("form", { autocomplete: "off", ...attributes }, ...children);
  node.addEventListener("submit", (event) => event.preventDefault());
  return node;
}

/** @type {(type: string, attributes?: Attributes) => HTMLInputElement} */
function input(type, attributes = {}) {
  return el("input", { type, ...attributes, ...SUPPRESS });
}

/** @type {(rows: number, save: (text: string) => void) => HTMLTextAreaElement} */
function textarea(rows, save) {
  const control = el("textarea", { rows, ...SUPPRESS });
  onTyping(control, save);
  return control;
}

/** @type {(text: string, onclick: () => void, attributes?: Attributes) => HTMLButtonElement} */
function button(text, onclick, attributes = {}) {
  return el("button", { type: "button", onclick, ...attributes, ...SUPPRESS }, text);
}

/** @type {(options: string[][], onchange: (value: string) => void) => HTMLSelectElement} */
function select(options, onchange) {
  const control = el("select", { ...SUPPRESS, onchange: () => onchange(control.value) });
  for (const [value, text] of options) control.append(el("option", { value }, text));
  return control;
}

// A few choices side by side. Each has its value, what is seen, the rest of its name, and a class: cf-unsure stands
// apart, cf-is-against and cf-is-for have a side. Below them `hint` says what the choice means, or helps to make it.
/** @typedef {[value: string, seen: Child, rest?: string, className?: string]} Segment */
/** @type {(legend: Child, options: Segment[], onchange: (value: string) => void, hint?: (value: string) => Child[]) => Segments} */
function segments(legend, options, onchange, hint) {
  labels += 1;
  const name = `cf-${Date.now().toString(36)}-${labels}`;
  const radios = options.map(([value]) => el("input", { type: "radio", name, value, ...SUPPRESS }));
  const track = el("div", { class: "cf-track" });
  options.forEach(([, seen, rest, className], place) => {
    const shown = el("span", {}, seen, rest ? el("span", { class: "cf-unseen" }, `: ${rest}`) : null);
    track.append(el("label", { class: className }, radios[place], shown));
  });
  const below = hint ? el("p", { class: "cf-hint" }) : null;
  const node = el("fieldset", { class: "cf-seg" }, el("legend", {}, legend), track, below);
  const chosen = () => radios.find((radio) => radio.checked)?.value ?? "";
  const showHint = () => {
    if (!below || !hint || below.dataset.value === chosen()) return;
    below.dataset.value = chosen();
    below.classList.toggle("cf-chosen", chosen() !== "");
    below.replaceChildren(...hint(chosen()).map((child) => child ?? ""));
  };
  node.addEventListener("change", () => {
    showHint();
    onchange(chosen());
  });
  showHint();
  return {
    node,
    get value() {
      return chosen();
    },
    set value(value) {
      for (const radio of radios) radio.checked = radio.value === value;
      showHint();
    },
  };
}

// What stands below a scale: the label of the grade that is chosen, or, while none is, texts side by side.
/** @type {(grades: string[][], blank: string[]) => (code: string) => Child[]} */
function gradeHint(grades, blank) {
  return (code) =>
    code ? [grades.find(([value]) => value === code)?.[1] ?? code] : blank.map((text) => el("span", {}, text));
}

// A scale as radios: the code of a grade is seen, its label is read out. The grade `unknown` stands apart.
/** @type {(legend: Child, grades: string[][], unknown: string, blank: string[], onchange: (value: string) => void) => Segments} */
function gradeSegments(legend, grades, unknown, blank, onchange) {
  /** @type {Segment[]} */
  const options = grades.map(([code, label]) => [
    code,
    code,
    label.slice(code.length + 1).trim(),
    code === unknown ? "cf-unsure" : "",
  ]);
  return segments(legend, options, onchange, gradeHint(grades, blank));
}

// A card that is one line until it is opened. Opening one closes the others of the same name, and what is opened stays
// in sight even if a long one above it is closed.
/** @type {(name: string, line: Child[], ...children: Child[]) => HTMLDetailsElement} */
function foldingCard(name, line, ...children) {
  const summary = el("summary", { ...SUPPRESS }, ...line);
  const node = el("details", { class: "cf-card", name }, summary, ...children);
  node.addEventListener("toggle", () => node.open && summary.scrollIntoView({ block: "nearest" }));
  return node;
}

// A bar of evidence, from zero to a weight, with its doubt as a line; `cf-bar` in the stylesheet draws it.
/** @param {boolean} withDoubt */
function evidenceBar(withDoubt) {
  const bar = el("i");
  const node = el("span", { class: "cf-bar", "aria-hidden": "true" }, bar, withDoubt ? el("b") : null);
  return {
    node,
    /** @type {(low: number, point: number, high: number, reach: number) => void} */
    draw(low, point, high, reach) {
      const ends = [Math.min(0, point), Math.max(0, point), low, high].map(
        (db) => `${(50 + 50 * Math.max(-1, Math.min(1, db / reach))).toFixed(1)}%`,
      );
      if (node.dataset.ends === ends.join()) return;
      node.dataset.ends = ends.join();
      bar.classList.toggle("cf-minus", point < 0);
      ends.forEach((end, place) => {
        node.style.setProperty(`--${"abcd"[place]}`, end);
      });
    },
  };
}

/** @type {(summary: string, ...children: Child[]) => HTMLDetailsElement} */
function details(summary, ...children) {
  return el("details", {}, el("summary", { ...SUPPRESS }, summary), ...children);
}

// What is closed is not kept up to date; opening it brings it up to date.
/** @type {(node: HTMLDetailsElement, show: (state: any) => void) => (state: any) => void} */
function whenOpen(node, show) {
  /** @type {any} */
  let latest = null;
  node.addEventListener("toggle", () => node.open && latest && show(latest));
  return (state) => {
    latest = state;
    if (node.open) show(state);
  };
}

// What takes Python long is computed only while it is open.
/** @type {(node: HTMLDetailsElement, kernel: Kernel, type: string) => void} */
function askWhileOpen(node, kernel, type) {
  node.addEventListener("toggle", () => kernel.ask(type, { is_open: node.open }));
}

/** @type {(className: string, label: string, ...children: Child[]) => HTMLElement} */
function scrollable(className, label, ...children) {
  return el("div", { class: className, role: "group", "aria-label": label, tabindex: "0", ...SUPPRESS }, ...children);
}

/** @type {(legend: string, ...children: Child[]) => HTMLElement} */
function fieldset(legend, ...children) {
  return el("fieldset", {}, el("legend", {}, legend), ...children);
}

/** @type {(text: string) => HTMLElement} */
function smallPrint(text) {
  return el("p", { class: "cf-soft" }, text);
}

/** @type {(label: string, ...children: Child[]) => HTMLElement} */
function totalsPanel(label, ...children) {
  return el("section", { class: "cf-totals", "aria-label": label }, ...children);
}

// A part of the state is shown again only if it differs: what did not change is still the same object, see followState.
// Until our last change is answered the part is older than the controls, so once it is, it is shown again.
/** @param {(part: any, answered: boolean, before: any) => void} show */
function showChanges(show) {
  /** @type {any} */
  let shown = null;
  return {
    /** @type {(part: any, answered: boolean) => void} */
    show(part, answered) {
      if (part === shown) return;
      const before = shown;
      shown = answered ? part : null;
      show(part, answered, before);
    },
    // A change was refused, so the next show writes every control back.
    forget() {
      shown = null;
    },
  };
}

// Adds, moves and removes children so that these are there in this order. What stays is not touched, so that a control
// keeps its focus while others come and go around it.
/** @type {(parent: Element, nodes: Element[]) => void} */
function arrange(parent, nodes) {
  for (const child of [...parent.children]) if (!nodes.includes(child)) child.remove();
  nodes.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
}

// Nodes are made when they are first shown and then kept.
/**
 * @template K, V
 * @param {Map<K, V>} kept
 * @param {K} key
 * @param {() => V} make
 * @returns {V}
 */
function keep(kept, key, make) {
  const value = kept.get(key) ?? make();
  kept.set(key, value);
  return value;
}

/** @type {(statement: { quoted: string }, className?: string) => HTMLElement | null} */
function quotation(statement, className = "cf-soft") {
  return statement.quoted ? el("p", { class: className }, `In the speaker’s words: “${statement.quoted}”`) : null;
}

/** @type {(statement: { caution: string }) => HTMLElement | null} */
function editorsNote(statement) {
  return statement.caution ? details("What an editor would note", el("p", {}, statement.caution)) : null;
}

// Changes the kernel has not answered, stored by the browser tab for the next view of the same ledger. A tab may refuse.
/** @param {string} key */
function storedChanges(key) {
  /** @type {(action: () => any) => any} */
  const attempt = (action) => {
    try {
      return key ? action() : null;
    } catch {
      return null;
    }
  };
  return {
    /** @type {(changes: object[]) => void} */
    put: (changes) =>
      attempt(() =>
        changes.length ? sessionStorage.setItem(key, JSON.stringify(changes)) : sessionStorage.removeItem(key),
      ),
    take() {
      const changes = attempt(() => JSON.parse(sessionStorage.getItem(key) ?? "null")) ?? [];
      this.put([]);
      return changes;
    },
  };
}

// A kernel that has gone away answers nothing: after a while the view says so and goes on showing what it has. What the
// kernel did not get is stored, and the next view of the same ledger sends it.
/**
 * @param {Model} model
 * @param {Notice} notice
 * @param {ReturnType<typeof storedChanges>} stored
 * @param {SavedMark} saved
 */
function kernelConnection(model, notice, stored, saved) {
  const view = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  let number = 0;
  let timer = 0;
  let warned = false;
  let sent = false;
  /** @type {{type: string, values: object, number: number}[]} */
  let changes = [];
  const handled = () => model.get("state").handled?.[view] ?? 0;
  const pending = () => handled() < number;
  const check = () => {
    if (!pending()) return;
    warned = true;
    saved.show(false);
    notice.show(
      "The kernel does not answer, so your last change is not saved yet. If it stays like this, choose " +
        "Kernel → Restart and run this cell again: your last change is put in then, and all before it is in your ledger.",
    );
  };
  const settle = () => {
    if (changes.length) {
      changes = changes.filter((change) => change.number > handled());
      stored.put(changes);
    }
    if (pending()) return;
    clearTimeout(timer);
    if (warned) notice.clear();
    warned = false;
    if (sent) saved.show(true);
  };
  /** @type {(type: string, values: object) => void} */
  function ask(type, values) {
    number += 1;
    notice.clear();
    clearTimeout(timer);
    timer = window.setTimeout(check, ANSWER_WITHIN_MS);
    try {
      model.send({ type, ...values, view, number });
    } catch {
      check();
    }
  }
  model.on("change:state", settle);
  return {
    pending,
    // For what changes nothing in the ledger, such as a file to be made.
    ask,
    /** @type {(type: string, values: object) => void} */
    send(type, values) {
      sent = true;
      changes.push({ type, values, number: number + 1 });
      // The kernel first: storing takes the browser a while.
      ask(type, values);
      stored.put(changes);
    },
    close: () => model.off("change:state", settle),
  };
}

// Says beside the work whether it is saved. A view puts it where one works; a status is read out when it changes.
/** @typedef {ReturnType<typeof savedMark>} SavedMark */
/** @param {Model} model */
function savedMark(model) {
  const inFile = model.get("fixed").storage_key !== "";
  const node = el("span", { class: "cf-saved", role: "status" });
  /** @type {(answered: boolean, text?: string) => void} */
  function show(answered, text = "✓ Saved in your ledger") {
    // What was answered is written at once. If the disk refuses, the ledger says why in a message.
    const saves = answered && (!inFile || model.get("state").kept !== false);
    setText(node, !saves ? "! Not saved yet" : inFile ? text : "Practice: not saved");
    node.classList.toggle("cf-no", !saves);
  }
  show(true, "Saves as you go");
  return { node, show };
}

function makeNotice() {
  const node = el("p", { class: "cf-notice", role: "alert", hidden: true });
  return {
    node,
    /** @type {(text: string) => void} */
    show: (text) => setTextOrHide(node, text),
    clear: () => setTextOrHide(node, ""),
  };
}

// Typing is saved after a short rest, when the control is left or when the page is, whichever comes first.
/** @type {(control: HTMLInputElement | HTMLTextAreaElement, save: (value: string) => void, rest?: number) => void} */
function onTyping(control, save, rest = 500) {
  let timer = 0;
  let saved = control.value;
  const now = () => {
    clearTimeout(timer);
    window.removeEventListener("pagehide", now);
    if (control.value !== saved) {
      saved = control.value;
      save(control.value);
    }
  };
  control.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(now, rest);
    window.addEventListener("pagehide", now);
  });
  control.addEventListener("focus", () => {
    saved = control.value;
  });
  control.addEventListener("change", now);
}

/** @type {(body: HTMLElement, rows: string[][]) => void} */
function replaceRows(body, rows) {
  const wanted = rows.map((row) => row.join("\u0000")).join("\u0001");
  if (body.dataset.rows === wanted) return;
  body.dataset.rows = wanted;
  body.replaceChildren(
    ...rows.map(([first, ...rest]) =>
      el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((cell) => el("td", {}, cell))),
    ),
  );
}

/** @type {(list: HTMLElement, texts: string[]) => void} */
function replaceItems(list, texts) {
  const wanted = texts.join("\u0001");
  if (list.dataset.items === wanted) return;
  list.dataset.items = wanted;
  list.replaceChildren(...texts.map((text) => el("li", {}, text)));
}

// What does not hang together: a list whose summary says how many findings there are.
/** @param {Child[]} before */
function findingsList(...before) {
  const summary = el("summary", { ...SUPPRESS });
  const list = el("ul");
  return {
    node: el("details", {}, summary, ...before, list),
    /** @type {(texts: string[]) => void} */
    show(texts) {
      setText(summary, `Does it fit together? ${texts.length ? `To look at: ${texts.length}` : "Yes, so far"}`);
      replaceItems(list, texts);
    },
  };
}

/** @type {(caption: string, columns: string[]) => { node: HTMLElement, show: (rows: string[][]) => void }} */
function table(caption, columns) {
  const body = el("tbody");
  const head = el("tr", {}, ...columns.map((column) => el("th", { scope: "col" }, column)));
  const content = el("table", {}, el("caption", {}, caption), el("thead", {}, head), body);
  return { node: scrollable("cf-scroll", caption, content), show: (rows) => replaceRows(body, rows) };
}

// A table that is folded away, and written only while it is open.
/**
 * @param {string} summary
 * @param {string} caption
 * @param {string[]} columns
 * @param {(state: any) => string[][]} rowsOf
 * @param {Child[]} before
 */
function foldedTable(summary, caption, columns, rowsOf, ...before) {
  const rows = table(caption, columns);
  const node = details(summary, ...before, rows.node);
  return { node, show: whenOpen(node, (state) => rows.show(rowsOf(state))) };
}

// Runs once for each widget, however many views it has: changes come as messages and are merged into the state that
// every view reads. Jupyter sends whole states too, in its own time: when one comes late, it is asked for again.
/** @param {{ model: Model }} context */
function followState({ model }) {
  let latest = 0;
  /** @param {any} message */
  const merge = (message) => {
    if (message.type !== "state") return;
    const state = { ...model.get("state"), ...message.set };
    for (const [key, parts] of Object.entries(message.merge)) state[key] = { ...state[key], ...parts };
    model.set("state", state);
  };
  const order = () => {
    const { version } = model.get("state");
    if (version < latest) model.send({ type: "again" });
    latest = Math.max(latest, version);
  };
  model.on("msg:custom", merge);
  model.on("change:state", order);
  return () => {
    model.off("msg:custom", merge);
    model.off("change:state", order);
  };
}

/**
 * @typedef {object} View
 * @property {Node[]} content nodes, in the order they are read
 * @property {(state: any, answered: boolean) => void} show
 *   until our last change is answered the state is older than the controls: leave those alone
 * @property {(state: any, width: number) => void} [draw]
 *   pictures, which also change with the width of `measured` (the frame if not given)
 * @property {Element} [measured]
 * @property {() => void} [forget] a change was refused, so the next show writes every control back
 * @property {() => void} [close] the view is going away
 */

// What every view does alike: its frame, its connection to the kernel, the kernel's messages, and a repaint after each
// change. `build` returns the nodes that make up the view and how to bring them up to date.
/** @type {(context: { model: Model, el: HTMLElement }, className: string, label: string, build: (parts: Parts) => View) => () => void} */
function openView({ model, el: root }, className, label, build) {
  const notice = makeNotice();
  const stored = storedChanges(model.get("fixed").storage_key);
  const saved = savedMark(model);
  const kernel = kernelConnection(model, notice, stored, saved);
  const messages = el("div", { role: "status" });
  const state = () => model.get("state");
  const frame = el("div", { class: `cf ${className}`, role: "group", "aria-label": label }, notice.node, messages);
  const view = build({ fixed: model.get("fixed"), kernel, notice, saved, state, model });
  // The key that leads into an output in VS Code focuses the first thing there that could take the focus, shown or not.
  // Let that be the frame; elsewhere Tab leads in, and the frame would only be one more stop.
  if ("vscodeThemeKind" in document.body.dataset) frame.tabIndex = 0;
  frame.append(...view.content);
  root.append(frame);

  let width = 0;
  const draw = () => {
    if (view.draw && width >= 40) view.draw(state(), width);
  };
  const show = () => {
    view.show(state(), !kernel.pending());
    setText(messages, state().messages.join(" "));
    draw();
  };
  /** @param {any} message */
  const refused = (message) => {
    if (message.type !== "refused") return;
    notice.show(message.message);
    view.forget?.();
  };
  // Esc leads from a control back to the cell, as it does everywhere else in a notebook. If a list of choices is open,
  // it closes that first: on the cell the next letters are commands, and two d delete it.
  /** @type {EventTarget | null} */
  let opened = null;
  /** @param {Event} event */
  const choosing = ({ type, target }) => {
    const opens = type === "pointerdown" && target instanceof HTMLSelectElement;
    opened = opens ? target : null;
  };
  /** @param {KeyboardEvent} event */
  const leave = ({ key, altKey, target }) => {
    /** @type {HTMLElement | null} */
    const cell = root.closest(".jp-Cell");
    if (key !== "Escape") {
      const isSelect = target instanceof HTMLSelectElement;
      const suggests = target instanceof HTMLInputElement && target.hasAttribute("list");
      if ((isSelect && (altKey || [" ", "Enter", "F4"].includes(key))) || (suggests && key !== "Tab")) opened = target;
    } else if (opened === target) {
      opened = null;
    } else if (cell) {
      cell.focus();
    }
  };
  // Ctrl+Z in a text box is the box's own. JupyterLab puts a listener on the box at every key, which prevents that.
  /** @param {Event} event */
  const keepUndo = (event) => {
    if (event instanceof InputEvent && event.inputType.startsWith("history")) event.stopPropagation();
  };
  const watch = new ResizeObserver(([entry]) => {
    const now = Math.floor(entry.contentRect.width);
    if (now === width) return;
    width = now;
    draw();
  });
  watch.observe(view.measured ?? frame);
  root.addEventListener("keydown", leave);
  for (const type of ["pointerdown", "focusout", "change"]) root.addEventListener(type, choosing);
  root.addEventListener("beforeinput", keepUndo, true);
  model.on("change:state", show);
  model.on("msg:custom", refused);
  show();
  const unanswered = stored.take();
  for (const { type, values } of unanswered) kernel.send(type, values);
  if (unanswered.length) notice.show("What you changed last, while the kernel was away, has been put in now.");
  return () => {
    watch.disconnect();
    kernel.close();
    root.removeEventListener("keydown", leave);
    for (const type of ["pointerdown", "focusout", "change"]) root.removeEventListener(type, choosing);
    root.removeEventListener("beforeinput", keepUndo, true);
    model.off("change:state", show);
    model.off("msg:custom", refused);
    view.close?.();
  };
}

// What a widget's module exports.
/** @type {(className: string, label: string, build: (parts: Parts) => View) => import("@anywidget/types").AnyWidget} */
function widget(className, label, build) {
  return { initialize: followState, render: (context) => openView(context, className, label, build) };
}

// Lets the browser save a text as a file of the learner's own computer.
/** @type {(name: string, text: string, kind: string) => void} */
function download(name, text, kind) {
  const address = URL.createObjectURL(new Blob([text], { type: kind }));
  el("a", { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}
