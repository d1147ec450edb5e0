// Without this script all slides stand one below another. With it there is one at a time, revealed step by step.
/** @type {HTMLElement[]} */
const slides = Array.from(document.querySelectorAll(".slide"));
/** @type {HTMLElement[][]} */
const steps = slides.map((slide) => Array.from(slide.querySelectorAll(":scope > .step")));
const bar = /** @type {HTMLElement} */ (document.querySelector("nav"));
const position = /** @type {HTMLElement} */ (bar.querySelector("[role=status]"));
let [slide, step] = [0, 0];

/** @type {(toSlide: number, toStep: number) => void} */
function show(toSlide, toStep) {
  slide = Math.min(Math.max(toSlide, 0), slides.length - 1);
  step = Math.min(Math.max(toStep, 0), steps[slide].length - 1);
  slides.forEach((element, number) => {
    element.hidden = number !== slide;
  });
  steps[slide].forEach((element, number) => {
    element.hidden = number > step;
  });
  position.textContent = `Slide ${slide + 1} of ${slides.length}, step ${step + 1} of ${steps[slide].length}`;
  history.replaceState(null, "", `#${slide + 1}`);
  if (step) steps[slide][step].scrollIntoView({ block: "nearest" });
  else scrollTo(0, 0);
  // Whoever presses the button presses it again; everybody else reads on from the new slide.
  if (!document.activeElement?.closest("nav")) slides[slide].focus({ preventScroll: true });
}

const next = () =>
  step + 1 < steps[slide].length ? show(slide, step + 1) : slide + 1 < slides.length && show(slide + 1, 0);
const back = () => (step ? show(slide, step - 1) : slide && show(slide - 1, Infinity));
/** @type {Record<string, () => unknown>} */
const keys = {
  ArrowRight: next,
  PageDown: next,
  " ": next,
  ArrowLeft: back,
  PageUp: back,
  Home: () => show(0, 0),
  End: () => show(slides.length - 1, 0),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  // The space bar presses a button and opens an answer.
  if (event.key === " " && /** @type {Element} */ (event.target).closest("button, summary, a")) return;
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});
bar.querySelector("#next")?.addEventListener("click", next);
bar.querySelector("#back")?.addEventListener("click", back);
document.body.classList.add("shown");
bar.hidden = false;
show(Number(location.hash.slice(1)) - 1 || 0, 0);
