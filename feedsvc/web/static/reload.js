// Reloads a page of a preview (feedsvc serve --drafts) after a commit, at the same place of the page.
const { commit, ask } = document.currentScript.dataset;
const key = `feedsvc reload ${location.href}`;

function scrollBack() {
  const height = sessionStorage.getItem(key);
  if (height !== null) {
    sessionStorage.removeItem(key);
    scrollTo(0, Number(height));
  }
}

async function look() {
  // Nobody sees a hidden page; it is looked after when it is shown.
  if (document.hidden) return;
  try {
    const answer = await fetch(ask, { cache: "no-store" });
    const now = answer.ok ? await answer.text() : "";
    if (now && now !== commit) {
      sessionStorage.setItem(key, String(scrollY));
      location.reload();
    }
  } catch {
    // The server was stopped; it may be started again.
  }
}

addEventListener("load", scrollBack);
document.addEventListener("visibilitychange", look);
setInterval(look, 1000);
