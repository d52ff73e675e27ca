// In every document and frame, before anything else in it: whatever a hostile script would call rings. Not eval, which
// the tests themselves need: what is evaluated calls one of these.
(() => {
  const ring = (what) => window.__ring(String(what));
  for (const name of ["hit", "alert", "confirm", "prompt", "print"]) {
    window[name] = (...given) => ring(`${name}(${given.map(String)})`);
  }

  // A click on a link must not lead away from the page under test, but its scheme is noted; a script in it may run.
  const harmless = ["http:", "https:", "mailto:"];
  window.__guard = (guarded) => guarded.addEventListener("click", (event) => {
    const link = event.composedPath().find((node) => node.href !== undefined && node.localName !== "link");
    if (!link) return;
    const scheme = schemeOf(link);
    if (harmless.includes(scheme)) event.preventDefault();
    else ring(`link(${scheme})`);
  }, true);
  window.__guard(document);

  function schemeOf(link) {
    try {
      return new URL(String(link.href.baseVal ?? link.href), link.baseURI).protocol;
    } catch {
      return "http:";
    }
  }
})();
