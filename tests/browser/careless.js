// What a careless reader does with the texts of a feed, and all that a person could do to what it shows.
window.careless = (() => {
  // What a person causes without wanting to; other events are sent where an attribute waits for them.
  const COMMON = ["load", "error", "pointerover", "mouseover", "mousedown", "mouseup", "keydown", "toggle"];

  // Only a page that a script or a navigation holds up takes as long, and that is a finding; milliseconds.
  const PATIENCE = 10000;

  const box = () => document.body.appendChild(document.createElement("div"));

  const ways = {
    innerHTML(text) {
      const root = box();
      root.innerHTML = text;
      return [root, root];
    },
    fragment: (text) => inFragment(text),
    titled: (text) => inFragment(`<title>${text}</title><h1>${text}</h1>`),
    // Parsed without scripting, written out and parsed again.
    parser(text) {
      const parsed = new DOMParser().parseFromString(text, "text/html");
      const root = box();
      root.innerHTML = parsed.documentElement.innerHTML;
      root.append(...parsed.body.childNodes);
      return [root, root];
    },
    page: (text) => inFrame(`<!doctype html><title>Reader</title><body>${text}`),
  };

  // Scripts in such a fragment run.
  function inFragment(html) {
    const root = box();
    root.append(document.createRange().createContextualFragment(html));
    return [root, root];
  }

  function inFrame(html) {
    const frame = box().appendChild(document.createElement("iframe"));
    const inside = frame.contentDocument;
    inside.open();
    inside.write(html);
    inside.close();
    // open() took all listeners away.
    window.__guard(inside);
    return [inside, frame.parentNode];
  }

  async function render(texts, way) {
    const shown = texts.map((text) => ways[way](text));
    await settled();
    shown.forEach(([root]) => touch(root));
    await settled();
    shown.forEach(([, container]) => container.remove());
  }

  function touch(root) {
    for (const element of root.querySelectorAll("*")) {
      const awaited = element.getAttributeNames().filter((name) => name.startsWith("on")).map((name) => name.slice(2));
      for (const name of new Set([...COMMON, ...awaited])) element.dispatchEvent(new Event(name));
      element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, composed: true }));
    }
  }

  // Tasks, frames and loads that were begun before have ended when these, begun after them, have.
  const settled = () => Promise.race([quiet(), new Promise((_, stuck) => setTimeout(stuck, PATIENCE, "never settled"))]);

  async function quiet() {
    const images = [...document.images].filter((image) => !image.complete && image.loading !== "lazy");
    await Promise.all(images.map((image) => new Promise((done) => {
      image.addEventListener("load", done);
      image.addEventListener("error", done);
    })));
    await sentinelFrame();
    await nextFrame();
    await nextFrame();
    await new Promise((done) => setTimeout(done));
  }

  // A page behind a popup has none.
  function nextFrame() {
    return new Promise((done) => {
      document.addEventListener("visibilitychange", done);
      if (document.hidden) done();
      requestAnimationFrame(done);
    });
  }

  function sentinelFrame() {
    return new Promise((done) => {
      const frame = document.createElement("iframe");
      frame.srcdoc = "<p>sentinel";
      frame.addEventListener("load", done);
      document.body.append(frame);
    }).then((event) => event.target.remove());
  }

  return { render, settled, touch };
})();
