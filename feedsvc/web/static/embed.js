// <script src="https://example.org/embed.js" defer></script>
// <feed-list src="https://example.org/feeds/chips.json?lang=zh-Hant" number="5" theme="dark" pictures></feed-list>
(() => {
  // Shows a JSON Feed. Everything in it is text: no markup of the feed's is ever parsed, and links lead to http(s) alone.
  const style = new CSSStyleSheet();
  // The style sheet of the frame, embed.css, is put here, without the rules of its page.
  style.replaceSync(`EMBED_CSS`);

  // "More from %(name)s", by the language of the interface.
  const more = MORE_FROM;

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
      shown = new Intl.DateTimeFormat(language || undefined, { dateStyle: "long", timeZone }).format(at);
    } catch { /* a language or zone this browser does not know: the date as it is written */ }
    return [make("time", shown, { datetime: written })];
  };

  const picture = (item) => {
    const src = webAddress(item.image);
    if (!src) return [];
    const made = make("img", "", { src, loading: "lazy" });
    made.alt = "";
    return [made];
  };

  // A line of Chinese or Japanese breaks between words, and after punctuation, which needs no mark. Each clause is a span.
  const divided = (text, language) => {
    if (!/^(zh|ja)/.test(language) || !Intl.Segmenter) return [text];
    const words = new Intl.Segmenter(language.slice(0, 2), { granularity: "word" });
    return (text.match(/.+?(?:[，、。；：！？]+[」』）》〉】”’]*|$)/gs) || []).map((clause) => {
      const made = make("span", "");
      let after = false;
      for (const { segment, isWordLike } of words.segment(clause)) {
        if (after && isWordLike) made.append(make("wbr", ""));
        made.append(segment);
        after = isWordLike;
      }
      return made;
    });
  };

  // The language of a text, where it is not that of the feed, in that language.
  const mark = (own, language) => {
    const of = own.split("-")[0];
    if (!of || of === String(language || "").split("-")[0]) return [];
    try {
      return [" · ", make("span", new Intl.DisplayNames([own], { type: "language" }).of(own), { lang: own })];
    } catch {
      return [];
    }
  };

  const entry = (item, language, zone, pictures) => {
    const own = String(item.language || language || "");
    const row = make("li", "", { class: "phrased", lang: own, dir: "auto" });
    const text = String(item.title || item.summary || item.url || "");
    const href = webAddress(item.url);
    const title = make(href ? "a" : "span", "", { href });
    title.append(...divided(text, own));
    const [time] = day(String(item.date_published || ""), language, zone);
    time?.append(...mark(own, language));
    row.append(title, ...(time ? [time] : []));
    if (pictures) row.append(...picture(item));
    return row;
  };

  class FeedList extends HTMLElement {
    static observedAttributes = ["src", "number", "theme", "pictures"];
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
      const theme = this.getAttribute("theme");
      const box = make("div", "", { class: "feed-list", "data-theme": ["light", "dark"].includes(theme) ? theme : "auto" });
      // The title of a feed that is narrowed ends with the name of its publication: Chips – Weekly.
      const parts = String(feed.title || "").split(" – ");
      const name = parts.length > 1 ? parts.pop() : parts[0];
      const header = make("header", "", { lang: feed.language, dir: "auto" });
      const heading = make("h2", "", { class: "title" });
      const home = webAddress(feed.home_page_url);
      heading.append(make(home ? "a" : "span", parts.join(" – "), { href: home }));
      header.append(heading, ...(name === parts[0] ? [] : [make("p", name)]));
      const list = make("ol", "");
      const zone = feed._feedsvc?.timezone || undefined;
      list.append(...(feed.items || []).slice(0, number).map((item) => entry(item, feed.language, zone, this.hasAttribute("pictures"))));
      box.append(header, list);
      if (home) {
        const [own] = String(feed.language || "").split("-");
        const lang = Object.keys(more).find((tag) => tag.split("-")[0] === own) || "en";
        const last = make("p", "", { class: "more", lang, dir: "auto" });
        last.append(make("a", more[lang].replace("%(name)s", () => name), { href: home }));
        box.append(last);
      }
      this.shadowRoot.replaceChildren(box);
    }
  }
  customElements.define("feed-list", FeedList);
})();
