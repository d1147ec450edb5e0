// The theme's arrows that open a part of the list of pages have no name of their own.
document.addEventListener("DOMContentLoaded", () => {
  for (const arrow of document.querySelectorAll(".bd-sidebar-primary summary")) {
    arrow.setAttribute("aria-label", `Pages below: ${arrow.closest("li")?.querySelector("a")?.textContent.trim()}`);
  }
});

// In a lesson: one button that opens everything a prediction has closed, and closes it again.
document.addEventListener("DOMContentLoaded", () => {
  /** @type {HTMLDetailsElement[]} */
  const closed = Array.from(document.querySelectorAll("details.hide"));
  const place = document.querySelector(".ways");
  if (!closed.length || !place) return;
  const button = document.createElement("button");
  button.type = "button";
  const allOpen = () => closed.every((result) => result.open);
  const label = () => {
    button.textContent = allOpen() ? "Close all results" : "Open all results";
  };
  button.addEventListener("click", () => {
    const open = !allOpen();
    for (const result of closed) result.open = open;
    label();
  });
  for (const result of closed) result.addEventListener("toggle", label);
  label();
  place.append(button);
});
