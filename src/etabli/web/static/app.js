// Everything here is a comfort: each page reads and works without it.

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard?.writeText(source.textContent.trim());
  const label = button.querySelector(".lab, .vh");
  if (label && button.dataset.done) label.textContent = button.dataset.done;
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  closeMenus(event.target);
});

addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.firstElementChild.focus();
});

// Enter sends a question, as in every other chat; with Shift it begins a new line.
addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  const field = event.target.closest("[data-enter-sends]");
  if (!field) return;
  event.preventDefault();
  field.form.requestSubmit();
});

// Filters: folded on a phone, open beside the list on a wide screen.
const wide = matchMedia("(min-width: 60em)");
function unfold() {
  for (const box of document.querySelectorAll("details[data-wide]")) box.open = wide.matches;
}
unfold();
wide.addEventListener("change", unfold);

// On a phone the row of tabs is longer than the screen.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
