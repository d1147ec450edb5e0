// Before the first cell: say when this browser keeps nothing, and which saved work the site has in a newer version.

const root = new URL("./", import.meta.url);
const RECORD = `completely-free versions ${root.pathname}`;

function tell(heading, ...paragraphs) {
  const make = (tag, text, attributes = {}) => {
    const node = document.createElement(tag);
    node.append(text);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const id = `cf-${Math.random().toString(36).slice(2)}`;
  // JupyterLab would take Enter and Escape for its own.
  const dialog = make("dialog", make("h1", heading, { id }), {
    "aria-labelledby": id,
    "data-lm-suppress-shortcuts": "true",
    style: "max-width: 36em; font: 1rem/1.5 system-ui, sans-serif",
  });
  dialog.append(...paragraphs.map((text) => make("p", text)));
  const form = make("form", make("button", "Go on", { autofocus: "" }), { method: "dialog" });
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function tellIfNothingIsKept() {
  if (window.isSecureContext && "serviceWorker" in navigator) return;
  const why = window.isSecureContext
    ? "This browser, or its private window, does not let pages keep what a lesson saves."
    : "This page was opened with http:// and not with https://. Browsers then do not let it keep what a lesson saves.";
  tell(
    "Your ledger is not kept here",
    `${why} Your ratings and answers are gone when you load the page again or close it.`,
    "Open the site with https:// if you can. If not, download your ledger in Progress before you stop.",
  );
}

// The paths of the files that the learner has saved in this browser.
async function savedPaths() {
  const names = [root.href, root.pathname].map((base) => `JupyterLite Storage - ${base}`);
  const there = (await indexedDB.databases()).map(({ name }) => name ?? "").find((name) => names.includes(name));
  if (!there) return [];
  const ask = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await ask(indexedDB.open(there));
  try {
    if (!database.objectStoreNames.contains("files")) return [];
    return await ask(database.transaction("files").objectStore("files").getAllKeys());
  } finally {
    database.close();
  }
}

async function tellWhatIsNewer() {
  const answer = await fetch(new URL("versions.json", root), { cache: "no-cache" });
  const versions = await answer.json();
  const before = JSON.parse(localStorage.getItem(RECORD) ?? "{}");
  const saved = await savedPaths();
  const newer = saved.filter((path) => before[path] && versions[path] && before[path] !== versions[path]);
  // What is not saved here is always the newest.
  localStorage.setItem(RECORD, JSON.stringify(versions));
  if (!newer.length) return;
  tell(
    "The course has a newer version of something you have saved",
    `Newer on the site: ${newer.join(", ")}. What you have saved stays as it is, and is what opens.`,
    "To begin with the new one: right-click yours in the list of files, choose Download, then Delete, and open it again.",
  );
}

tellIfNothingIsKept();
tellWhatIsNewer().catch((error) => console.warn("What is newer on the site is not known:", error));
