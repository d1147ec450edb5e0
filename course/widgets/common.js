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

let controls = 0;
function labelled(text, control, attributes = {}) {
  control.id = `cf-${Date.now().toString(36)}-${(controls += 1)}`;
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

// A kernel that has gone away answers nothing: after a while the view says so, and goes on showing what it has.
function kernelLine(model, notice) {
  const view = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  let number = 0;
  let timer = null;
  let told = false;
  const pending = () => (model.get("state").handled?.[view] ?? 0) < number;
  const check = () => {
    if (!pending()) return;
    told = true;
    notice.show(
      "The kernel does not answer, so your last change is not saved yet. If it stays like this, choose " +
        "Kernel → Restart and run this cell again: everything up to that change is in your ledger.",
    );
  };
  model.on("change:state", () => {
    if (pending()) return;
    clearTimeout(timer);
    if (told) notice.clear();
    told = false;
  });
  return {
    pending,
    send(type, values) {
      number += 1;
      notice.clear();
      clearTimeout(timer);
      timer = setTimeout(check, ANSWER_WITHIN_MS);
      try {
        model.send({ type, ...values, view, number });
      } catch {
        check();
      }
    },
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
  let timer = null;
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
    timer = setTimeout(now, rest);
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

function table(caption, columns) {
  const body = el("tbody");
  const head = el("tr", {}, ...columns.map((column) => el("th", { scope: "col" }, column)));
  const node = el("div", { class: "cf-scroll", tabindex: "0", role: "group", "aria-label": caption, ...SUPPRESS },
    el("table", {}, el("caption", {}, caption), el("thead", {}, head), body));
  return { node, show: (rows) => replaceRows(body, rows) };
}

// Runs once for each widget, however many views it has: changes come as messages and are merged into the state that
// every view reads. Nothing is sent back.
function followState({ model }) {
  const merge = (message) => {
    if (message.type !== "state") return;
    const state = { ...model.get("state"), ...message.set };
    for (const [key, parts] of Object.entries(message.merge)) state[key] = { ...state[key], ...parts };
    model.set("state", state);
  };
  model.on("msg:custom", merge);
  return () => model.off("msg:custom", merge);
}
