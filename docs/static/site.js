// The theme's arrows that open a part of the list of pages have no name of their own.
document.addEventListener("DOMContentLoaded", () => {
  for (const arrow of document.querySelectorAll(".bd-sidebar-primary summary")) {
    arrow.setAttribute("aria-label", `Pages below: ${arrow.closest("li").querySelector("a").textContent.trim()}`);
  }
});

// In a lesson: one button that opens everything a prediction has closed, and closes it again.
document.addEventListener("DOMContentLoaded", () => {
  const closed = [...document.querySelectorAll("details.hide")];
  const place = document.querySelector(".ways");
  if (!closed.length || !place) return;
  const button = document.createElement("button");
  button.type = "button";
  const say = () => (button.textContent = closed.every((one) => one.open) ? "Close all results" : "Open all results");
  button.addEventListener("click", () => {
    const open = !closed.every((one) => one.open);
    for (const one of closed) one.open = open;
    say();
  });
  for (const one of closed) one.addEventListener("toggle", say);
  say();
  place.append(button);
});
