// The room's board: asks for what has changed, and puts it in place. It counts nothing itself.
const EVERY_MS = 500;
/** @type {(id: string) => any} */
const part = (id) => document.getElementById(id);
/** @type {HTMLFormElement} */
const choice = part("choice");
/** @type {HTMLElement} */
const board = part("board");
/** @type {HTMLElement} */
const message = part("message");
/** @type {HTMLElement} */
const connection = part("connection");
let shown = "";

// Only what differs is replaced, so that the place, the focus and what is read aloud stay.
function follow(html) {
  if (html === shown) return;
  shown = html;
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  patch(board, fresh);
}

function patch(old, fresh) {
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((node, place) => {
    const was = before[place];
    if (!was) old.append(node);
    else if (!was.isEqualNode(node)) {
      if (was.nodeName !== node.nodeName) was.replaceWith(node);
      else if (was.nodeType === Node.ELEMENT_NODE) {
        was.className = node.className;
        patch(was, node);
      } else was.nodeValue = node.nodeValue;
    }
  });
  for (const node of before.slice(after.length)) node.remove();
}

/** @type {(form: HTMLFormElement) => URLSearchParams} */
function fields(form) {
  return new URLSearchParams(/** @type {any} */ (new FormData(form)));
}

async function refresh() {
  try {
    const answer = await fetch(`board?${fields(choice)}`);
    if (!answer.ok) throw new Error(await answer.text());
    follow(await answer.text());
    if (connection.textContent) connection.textContent = "";
  } catch {
    connection.textContent = "The board has stopped, so this page no longer changes. Start it again: course room";
  }
}

async function watch() {
  await refresh();
  setTimeout(watch, EVERY_MS);
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields(form) });
    const { text, snapshots } = await answer.json();
    message.textContent = text;
    for (const name of ["before", "after"]) {
      const select = /** @type {HTMLSelectElement} */ (choice.elements.namedItem(name));
      for (const [value, label] of snapshots.slice(select.options.length - 1)) select.add(new Option(label, value));
    }
    form.reset();
    await refresh();
  } catch {
    message.textContent = "That did not reach the board. Is it still running?";
  }
}

for (const submit of choice.querySelectorAll("button")) submit.hidden = true;
choice.addEventListener("submit", (event) => event.preventDefault());
choice.addEventListener("change", () => {
  history.replaceState(null, "", `?${fields(choice)}`);
  refresh();
});
for (const name of ["snapshot", "codes"]) part(name).addEventListener("submit", send);
watch();
