// The one script there is: it copies a feed's address, and puts the reader that was chosen last first.
for (const button of document.querySelectorAll("button[data-copied]")) {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const said = document.getElementById(button.getAttribute("aria-describedby"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.textContent);
    } catch {
      getSelection().selectAllChildren(field);
      document.execCommand("copy");
    }
    button.classList.add("done");
    said.textContent = button.dataset.copied;
  });
}

// The name of the reader stays in this browser: it is sent nowhere. Storage may be forbidden; then nothing is remembered.
const KEY = "feedsvc-reader";
const remembered = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
const remember = (name) => { try { localStorage.setItem(KEY, name); } catch { /* it is forbidden */ } };
const list = document.querySelector("ul[data-last]");
for (const link of list?.querySelectorAll("a[data-reader]") ?? []) {
  link.addEventListener("click", () => remember(link.dataset.reader));
  if (link.dataset.reader !== remembered()) continue;
  const said = document.createElement("span");
  said.className = "last";
  said.textContent = list.dataset.last;
  link.append(said);
  list.prepend(link.parentElement);
}
