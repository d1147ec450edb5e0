/* Shows the table that a widget has put into its cell's output, where JupyterLab would only write “Error displaying
   widget: model not found”: in a notebook that is opened again and has not been run.

   JupyterLab loads this file as the container of a prebuilt extension. It needs no module of anybody else's, so it is
   written by hand and not built. */

const ERROR = "Error displaying widget: model not found";

/** The output area that a node belongs to, and its place among the outputs.
    @type {(app: any, node: Element) => { area: any, place: number } | undefined} */
function outputOf(app, node) {
  for (const panel of app.shell.widgets("main")) {
    for (const cell of panel.node.contains(node) ? (panel.content?.widgets ?? []) : []) {
      const area = cell.outputArea;
      const place = area?.widgets.findIndex((/** @type {any} */ output) => output.node.contains(node)) ?? -1;
      if (place >= 0) return { area, place };
    }
  }
  return undefined;
}

/** @type {(app: any, node: Element) => Promise<void>} */
async function showTable(app, node) {
  const output = outputOf(app, node);
  const model = output?.area.model.get(output.place);
  if (!model?.data["text/html"]) return;
  // Jupyter's own renderer, so what a notebook that is not trusted holds is made harmless as always.
  const renderer = output?.area.rendermime.createRenderer("text/html");
  await renderer.renderModel(model);
  if (node.textContent === ERROR) node.replaceChildren(renderer.node);
}

const staticView = {
  id: "completely-free-static-view:show",
  autoStart: true,
  activate: (/** @type {any} */ app) => {
    let waiting = false;
    const replaceErrors = () => {
      waiting = false;
      for (const node of document.querySelectorAll(".jp-OutputArea-output.jupyter-widgets")) {
        if (node.textContent === ERROR) showTable(app, node);
      }
    };
    new MutationObserver(() => {
      if (!waiting) requestAnimationFrame(replaceErrors);
      waiting = true;
    }).observe(document.body, { childList: true, subtree: true });
  },
};

const containers = /** @type {any} */ (window);
containers._JUPYTERLAB ??= {};
containers._JUPYTERLAB["completely-free-static-view"] = {
  init: () => undefined,
  get: async () => () => ({ __esModule: true, default: staticView }),
};
