// The room's board: asks for what has changed, and puts it in place. It counts nothing itself.
const EVERY_MS = 500;
const choice = document.getElementById("choice");
const board = document.getElementById("board");
const message = document.getElementById("message");
const connection = document.getElementById("connection");
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

async function refresh() {
  try {
    const query = new URLSearchParams(new FormData(choice));
    const answer = await fetch(`board?${query}`);
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
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const { text, snapshots } = await answer.json();
    message.textContent = text;
    for (const name of ["before", "after"]) {
      const select = choice.elements[name];
      for (const [value, label] of snapshots.slice(select.options.length - 1)) select.add(new Option(label, value));
    }
    form.reset();
    await refresh();
  } catch {
    message.textContent = "That did not reach the board. Is it still running?";
  }
}

choice.querySelector("button").hidden = true;
choice.addEventListener("submit", (event) => event.preventDefault());
choice.addEventListener("change", () => {
  history.replaceState(null, "", `?${new URLSearchParams(new FormData(choice))}`);
  refresh();
});
for (const name of ["snapshot", "codes"]) document.getElementById(name).addEventListener("submit", send);
watch();
