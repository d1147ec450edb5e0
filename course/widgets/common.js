// Shared by every widget: small DOM helpers, and a line to the kernel that knows whether it is being answered.
// Each widget's own module follows this text in one ES module.

// JupyterLab takes arrow keys and letters away from a focused control unless the control itself asks it not to.
const SUPPRESS = { "data-lm-suppress-shortcuts": "true" };
const SVG_NS = "http://www.w3.org/2000/svg";
const ANSWER_WITHIN_MS = 5000;

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG_NS, tag), attributes, children);
}

// Writing only what differs keeps a repaint short and keeps a live region from speaking twice.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

// A control keeps what the learner is typing or has not yet been answered about.
function setValue(control, value) {
  if (control.value !== value && control !== control.getRootNode().activeElement) control.value = value;
}

function setValues(controls, values) {
  for (const [place, control] of controls.entries()) setValue(control, values[place]);
}

let controls = 0;
function labelled(text, control, attributes = {}) {
  controls += 1;
  control.id = `cf-${Date.now().toString(36)}-${controls}`;
  return el("div", { class: "cf-field", ...attributes }, el("label", { for: control.id }, text), control);
}

// A group of controls that is never submitted. At every change browsers look through all controls of a form for what
// they could fill in, and through the whole page's where there is no form: that took longer than all the rest.
function form(attributes, ...children) {
  const node = el("form", { autocomplete: "off", ...attributes }, ...children);
  node.addEventListener("submit", (event) => event.preventDefault());
  return node;
}

function select(options, onchange) {
  const control = el("select", { ...SUPPRESS, onchange: () => onchange(control.value) });
  for (const [value, text] of options) control.append(el("option", { value }, text));
  return control;
}

function details(summary, ...children) {
  return el("details", {}, el("summary", { ...SUPPRESS }, summary), ...children);
}

// What nobody has opened is not kept up to date; opening it brings it up to date.
function whenOpen(node, show) {
  let latest = null;
  node.addEventListener("toggle", () => node.open && latest && show(latest));
  return (state) => {
    latest = state;
    if (node.open) show(state);
  };
}

// Changes nobody has answered yet, kept by the browser tab for the next view of the same ledger. A tab may refuse.
function storedChanges(key) {
  const attempt = (action) => {
    try {
      return key ? action() : null;
    } catch {
      return null;
    }
  };
  return {
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

// A kernel that has gone away answers nothing: after a while the view says so and goes on showing what it has. What it
// was not told is kept, and the next view of the same ledger tells it.
function kernelConnection(model, notice, stored) {
  const view = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  let number = 0;
  let timer = 0;
  let warned = false;
  /** @type {{type: string, values: object, number: number}[]} */
  let changes = [];
  const handled = () => model.get("state").handled?.[view] ?? 0;
  const pending = () => handled() < number;
  const check = () => {
    if (!pending()) return;
    warned = true;
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
  };
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
    send(type, values) {
      changes.push({ type, values, number: number + 1 });
      // The kernel first: storing takes the browser a while.
      ask(type, values);
      stored.put(changes);
    },
    close: () => model.off("change:state", settle),
  };
}

function makeNotice() {
  const node = el("p", { class: "cf-notice", role: "alert", hidden: true });
  return {
    node,
    show(text) {
      setText(node, text);
      setHidden(node, false);
    },
    clear() {
      setHidden(node, true);
      setText(node, "");
    },
  };
}

// Typing is saved after a short rest and when the control is left, whichever comes first.
function onTyping(control, save, rest = 500) {
  let timer = 0;
  let saved = control.value;
  const now = () => {
    clearTimeout(timer);
    if (control.value !== saved) {
      saved = control.value;
      save(control.value);
    }
  };
  control.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(now, rest);
  });
  control.addEventListener("focus", () => {
    saved = control.value;
  });
  control.addEventListener("change", now);
}

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

function replaceItems(list, texts) {
  const wanted = texts.join("\u0001");
  if (list.dataset.items === wanted) return;
  list.dataset.items = wanted;
  list.replaceChildren(...texts.map((text) => el("li", {}, text)));
}

// What does not hang together: a list that says in its summary how much there is to look at.
function findingsList(...before) {
  const summary = el("summary", { ...SUPPRESS });
  const list = el("ul");
  return {
    node: el("details", {}, summary, ...before, list),
    show(texts) {
      setText(summary, `Does it hang together? ${texts.length ? `To look at: ${texts.length}` : "Yes, so far"}`);
      replaceItems(list, texts);
    },
  };
}

function table(caption, columns) {
  const body = el("tbody");
  const head = el("tr", {}, ...columns.map((column) => el("th", { scope: "col" }, column)));
  const node = el(
    "div",
    { class: "cf-scroll", tabindex: "0", role: "group", "aria-label": caption, ...SUPPRESS },
    el("table", {}, el("caption", {}, caption), el("thead", {}, head), body),
  );
  return { node, show: (rows) => replaceRows(body, rows) };
}

// Runs once for each widget, however many views it has: changes come as messages and are merged into the state that
// every view reads. Jupyter sends whole states too, in its own time: one that comes late is asked for anew.
function followState({ model }) {
  let latest = 0;
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

// What every view does alike: its frame, its line to the kernel, what the kernel has to say, and a repaint after each
// change. `build` returns the nodes that make up the view and how to bring them up to date:
//   content            nodes, in the order they are read
//   show(state, answered)  until our last change is answered the state is older than the controls: leave those alone
//   draw(state, width)     pictures, which also change with the width of `measured` (the frame if not given)
//   forget()               a change was refused, so the next show writes every control back
//   close()                the view is going away
function openView({ model, el: root }, className, label, build) {
  const notice = makeNotice();
  const stored = storedChanges(model.get("fixed").storage_key);
  const kernel = kernelConnection(model, notice, stored);
  const messages = el("div", { role: "status" });
  const state = () => model.get("state");
  const frame = el("div", { class: `cf ${className}`, role: "group", "aria-label": label }, notice.node, messages);
  const view = build({ fixed: model.get("fixed"), kernel, notice, state });
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
  const refused = (message) => {
    if (message.type !== "refused") return;
    notice.show(message.message);
    view.forget?.();
  };
  // Esc leads from a control back to the cell, as it does everywhere else in a notebook.
  const leave = (event) => {
    if (event.key === "Escape") root.closest(".jp-Cell")?.focus();
  };
  const watch = new ResizeObserver(([entry]) => {
    const now = Math.floor(entry.contentRect.width);
    if (now === width) return;
    width = now;
    draw();
  });
  watch.observe(view.measured ?? frame);
  root.addEventListener("keydown", leave);
  model.on("change:state", show);
  model.on("msg:custom", refused);
  show();
  const left = stored.take();
  for (const { type, values } of left) kernel.send(type, values);
  if (left.length) notice.show("What you changed last, while the kernel was away, has been put in now.");
  return () => {
    watch.disconnect();
    kernel.close();
    root.removeEventListener("keydown", leave);
    model.off("change:state", show);
    model.off("msg:custom", refused);
    view.close?.();
  };
}

// Lets the browser save a text as a file of the learner's own computer.
function download(name, text, kind) {
  const address = URL.createObjectURL(new Blob([text], { type: kind }));
  el("a", { href: address, download: name }).click();
  URL.revokeObjectURL(address);
}
