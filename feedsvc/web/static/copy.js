// The one script there is: it copies a feed's address.
for (const button of document.querySelectorAll("button[data-copied]")) {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const said = document.getElementById(button.getAttribute("aria-describedby"));
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      document.execCommand("copy");
    }
    button.classList.add("done");
    said.textContent = button.dataset.copied;
  });
}
