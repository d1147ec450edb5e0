/* Opens feedback with one click: nbgrader's link “view feedback” only goes to its place in the list of files.

   JupyterLab loads this file as the container of a prebuilt extension. It needs no module of anybody else's, so it is
   written by hand and not built. */

const FEEDBACK = /(^|\/)feedback\/[^/]+\/[^/]+\.html$/;

const openFeedback = {
  id: "completely-free-feedback:open",
  autoStart: true,
  activate: (app) => {
    app.commands.commandExecuted.connect((_, { id, args }) => {
      if (id === "filebrowser:go-to-path" && FEEDBACK.test(args?.path ?? "")) {
        app.commands.execute("docmanager:open", { path: args.path });
      }
    });
  },
};

const page = /** @type {any} */ (window);
page._JUPYTERLAB ??= {};
page._JUPYTERLAB["completely-free-feedback"] = {
  init: () => undefined,
  get: async () => () => ({ __esModule: true, default: openFeedback }),
};
