// <script src="https://example.org/embed.js" defer></script>
// <feed-list src="https://example.org/feeds/chips.json?lang=zh-Hant" number="5" theme="dark"></feed-list>
// Shows a JSON Feed. Everything in it is text: no markup of the feed's is ever parsed, and links lead to http(s) alone.
(() => {
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { display: block; font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; padding: .75rem 1rem; color-scheme: light }
    :host([theme="dark"]) { color: #eee; background: #1a1a1a; color-scheme: dark }
    h2 { font-size: 1.1rem; margin: 0 0 .5rem } ol { list-style: none; margin: 0; padding: 0 } li { margin: .5rem 0 }
    a { color: inherit } li a { display: inline-block; padding-block: .2rem } time { display: block; font-size: .85rem; opacity: .8 }
    @media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { color: #eee; background: #1a1a1a; color-scheme: dark } }`);

  const make = (name, text, attributes = {}) => {
    const made = document.createElement(name);
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) if (value) made.setAttribute(key, value);
    return made;
  };

  const webAddress = (written) => {
    if (!written) return "";
    try {
      const url = new URL(written, document.baseURI);
      return ["http:", "https:"].includes(url.protocol) ? url.href : "";
    } catch {
      return "";
    }
  };

  // The day where the publication is, as the frame shows it. A date that is written with an offset is the day it says.
  const day = (written, language, zone) => {
    const moment = new Date(written);
    if (Number.isNaN(moment.valueOf())) return [];
    let shown = written.slice(0, 10);
    try {
      const local = /[+-]\d\d:\d\d$/.test(written);
      const [at, timeZone] = local ? [new Date(`${shown}T00:00:00Z`), "UTC"] : [moment, zone];
      shown = new Intl.DateTimeFormat(language || undefined, { dateStyle: "medium", timeZone }).format(at);
    } catch { /* a language or zone this browser does not know: the date as it is written */ }
    return [make("time", shown, { datetime: written })];
  };

  const entry = (item, language, zone) => {
    const row = make("li", "", { lang: item.language, dir: "auto" });
    const text = String(item.title || item.summary || item.url || "");
    const href = webAddress(item.url);
    row.append(href ? make("a", text, { href }) : make("span", text), ...day(String(item.date_published || ""), language, zone));
    return row;
  };

  class FeedList extends HTMLElement {
    static observedAttributes = ["src", "number"];
    #asked = null;

    connectedCallback() {
      if (!this.shadowRoot) this.attachShadow({ mode: "open" }).adoptedStyleSheets = [style];
      this.#load();
    }

    disconnectedCallback() {
      this.#asked?.abort();
    }

    attributeChangedCallback() {
      if (this.isConnected && this.shadowRoot) this.#load();
    }

    async #load() {
      this.#asked?.abort();
      const asked = (this.#asked = new AbortController());
      const src = webAddress(this.getAttribute("src"));
      try {
        if (!src) throw new Error("feed-list: src must be the address of a JSON Feed (write https://…)");
        const answer = await fetch(src, { signal: asked.signal, credentials: "omit" });
        if (!answer.ok) throw new Error(await answer.text());
        this.#show(await answer.json());
        this.dispatchEvent(new Event("load"));
      } catch (error) {
        if (asked.signal.aborted) return;
        this.shadowRoot.replaceChildren(make("a", src, { href: src }));
        this.dispatchEvent(new ErrorEvent("error", { message: String(error.message) }));
      }
    }

    #show(feed) {
      const number = Math.max(1, parseInt(this.getAttribute("number"), 10) || 10);
      const heading = make("h2", "", { lang: feed.language, dir: "auto" });
      const home = webAddress(feed.home_page_url);
      heading.append(make(home ? "a" : "span", String(feed.title || ""), { href: home }));
      const list = make("ol", "");
      const zone = feed._feedsvc?.timezone || undefined;
      list.append(...(feed.items || []).slice(0, number).map((item) => entry(item, feed.language, zone)));
      this.shadowRoot.replaceChildren(heading, list);
    }
  }
  customElements.define("feed-list", FeedList);
})();
