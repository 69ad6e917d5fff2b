// <related-posts>: posts to read next, asked from the service this file came from.
// No cookie, no storage, no third party. docs/widget.md describes attributes and styling.
// The second part of widget.js, behind looks.js: HEADLINES, SHOWN and sheet are from there.

// Attributes that are parameters of the service, there with _ for -.
const PARAMETERS = ("fallback category not-category tag not-tag author same-author language " +
  "published-after published-before recent past-only min-score diversity").split(" ");
const LOOKS = ["layout", "headline", "level", "show", "empty"];
const ASKS = ["post", "url", "limit", "service", "exclude", "query", ...PARAMETERS];

/** An element with a class, the same part, and a text. */
function make(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  element.part = name;
  if (text) element.textContent = text;
  return element;
}

/** What may stand in a text. */
const text = (value) => (typeof value === "string" ? value : "");

/** An http(s) address as it may stand in an attribute, or nothing. */
function checked(address) {
  try {
    const url = new URL(text(address) || "about:", document.baseURI);
    if (/^https?:$/.test(url.protocol)) return url.href;
  } catch {}
  return "";
}

/** A language as browsers know it, or nothing. */
function known(language) {
  try {
    return Intl.getCanonicalLocales(text(language))[0];
  } catch {}
}

/** A srcset of which every address is http(s), or nothing. */
function checkedSet(set) {
  const parts = text(set).trim().split(/\s*,\s+/).map((part) => {
    const [address, size = ""] = part.split(/\s+/);
    const url = address && checked(address);
    return url && /^([\d.]+[wx])?$/.test(size) ? `${url.replaceAll(",", "%2C")} ${size}` : "";
  });
  return parts.every(Boolean) ? parts.join(", ") : "";
}

// The page's address changes under a widget that stays: single-page applications.
const widgets = new Set();
const hear = () => widgets.forEach((widget) => widget.schedule());
const page = () => location.href.split("#")[0];
const canonical = () => document.head?.querySelector('link[rel~="canonical"]')?.href || "";
let started = page();
let stale = "";

/** The address of the post this page shows. */
function address() {
  const said = canonical();
  if (page() !== started) {
    // A canonical link that did not move along still names the page before.
    started = page();
    stale = address.last ?? "";
  }
  if (said !== stale) stale = "";
  address.last = said;
  return said && said !== stale ? said : page();
}

export class RelatedPosts extends HTMLElement {
  static observedAttributes = [...LOOKS, ...ASKS];

  #root = make("div", "root");
  #slot = document.createElement("slot");
  #answer = null;
  #asked = "";
  #due = false;
  #look = false;
  #near = false;
  #abort;
  #sight;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(this.#root);
    this.#slot.addEventListener("slotchange", () => this.#bare());
    this.#root.addEventListener("click", (event) => this.#clicked(event));
    this.#root.addEventListener("auxclick", (event) => event.button === 1 && this.#clicked(event));
  }

  connectedCallback() {
    address();
    if (!this.#answer) this.#show(this.#slot, this.#list(null));
    // What is nearer to the window than this is asked for.
    const near = { rootMargin: "600px" };
    this.#sight = new IntersectionObserver((seen) => this.#seen(seen.at(-1)), near);
    this.#sight.observe(this);
    if (!widgets.size) listen(true);
    widgets.add(this);
    this.schedule();
  }

  disconnectedCallback() {
    // Where the answer did not come, it is asked for again wherever the element goes.
    if (this.#abort || !this.#answer) this.#asked = "";
    this.#abort?.abort();
    this.#abort = null;
    this.#sight.disconnect();
    widgets.delete(this);
    if (!widgets.size) listen(false);
  }

  attributeChangedCallback(name) {
    this.#look ||= LOOKS.includes(name);
    this.schedule();
  }

  /** What the service answered last: version, post and items. */
  get answer() {
    return this.#answer;
  }

  /** Look again, once, at what may have changed. */
  schedule() {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      if (!this.isConnected) return;
      const question = this.#question();
      if (question !== this.#asked && this.#near) this.#ask(question);
      else if (this.#look) this.#render();
      this.#look = false;
    });
  }

  /** What is asked of the service, as an address. */
  #question() {
    const service = this.getAttribute("service")?.replace(/\/?$/, "/") || import.meta.url;
    const url = new URL("v1/related", new URL(service, document.baseURI));
    const query = new URLSearchParams(this.getAttribute("query") || "");
    const post = this.getAttribute("post");
    if (post !== null) query.set("id", post);
    else query.set("url", this.getAttribute("url") ? checked(this.getAttribute("url")) : address());
    query.set("limit", this.#limit());
    for (const name of PARAMETERS) {
      const value = this.getAttribute(name);
      if (value !== null) query.set(name.replace("-", "_"), value || "true");
    }
    for (const id of (this.getAttribute("exclude") || "").split(/\s+/)) {
      if (id) query.append("exclude", id);
    }
    url.search = query;
    return url.href;
  }

  #limit() {
    const limit = parseInt(this.getAttribute("limit"), 10);
    return limit >= 1 ? Math.min(limit, 50) : 4;
  }

  async #ask(question) {
    this.#asked = question;
    this.#abort?.abort();
    const abort = this.#abort = new AbortController();
    // Nobody waits longer than ten seconds.
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(10000)]);
    let answer, reason;
    try {
      const response = await fetch(question, { signal, credentials: "omit" });
      if (!response.ok) throw Error(`the service answered ${response.status}`);
      answer = await response.json();
      if (!Array.isArray(answer?.items)) throw Error("the answer has no items");
    } catch (mistake) {
      reason = mistake;
    }
    // Removed, or asked something else meanwhile.
    if (abort !== this.#abort) return;
    this.#abort = null;
    this.#answer = answer && {
      version: String(answer.version),
      post: answer.post?.id,
      items: answer.items.filter((item) => checked(item?.url)).slice(0, this.#limit()),
    };
    this.#render();
    // Space for nothing goes with the reader's next act: a click's target has been found then.
    const options = { once: true, capture: true };
    for (const act of ["click", "keydown", "scroll"]) addEventListener(act, this.#acted, options);
    if (reason) this.#tell("error", { reason });
    else this.#tell(this.#answer.items.length ? "loaded" : "empty", this.#answer);
  }

  #acted = () => this.#root.lastChild === this.#slot && this.#isBare() && this.#release();

  #tell(name, detail) {
    const options = { bubbles: true, composed: true, detail };
    this.dispatchEvent(new CustomEvent(`related-posts-${name}`, options));
  }

  #clicked(event) {
    const link = event.target.closest("a");
    if (!link) return;
    const items = this.#answer.items;
    const position = [...this.#root.querySelectorAll("a")].indexOf(link) + 1;
    this.#tell("click", { ...this.#answer, position, item: items[position - 1] });
  }

  #render() {
    const answer = this.#answer;
    if (answer?.items.length) this.#show(this.#list(answer.items));
    else if (answer && this.getAttribute("empty") && this.#isBare()) {
      this.#show(this.#frame(make("p", "empty", this.getAttribute("empty"))));
    } else if (this.#asked) this.#show(this.#slot);
    else this.#show(this.#slot, this.#list(null));
  }

  /** Replace what is shown; what follows on the page moves only where nobody sees it. */
  #show(...nodes) {
    if (this.getBoundingClientRect().top > innerHeight) this.#release();
    else this.#root.style.minBlockSize = `${this.#root.offsetHeight}px`;
    this.#root.replaceChildren(...nodes);
    this.#bare();
  }

  #release() {
    this.#root.style.minBlockSize = "";
    // What the page's own style sheet reserved.
    if (this.#asked) this.style.minBlockSize = "0";
  }

  #isBare() {
    return !this.firstElementChild && !this.textContent.trim();
  }

  #bare() {
    this.#root.classList.toggle("bare", this.#isBare());
  }

  #seen(entry) {
    this.#near = entry.isIntersecting;
    if (this.#near) this.schedule();
    else if (entry.boundingClientRect.top > innerHeight) this.#release();
  }

  /** The language of the words around the items. */
  get #language() {
    const language = (this.closest("[lang]") || document.documentElement).lang;
    return known(language) || navigator.language;
  }

  #headline() {
    const tag = this.#language.replace(/^zh-(Hant|TW|HK|MO).*/, "zh_");
    return HEADLINES[tag.split("-")[0]] || HEADLINES.en;
  }

  /** A labelled landmark around some content. */
  #frame(content) {
    const frame = make("section", "section");
    const words = this.getAttribute("headline") ?? this.#headline();
    frame.ariaLabel = words || this.#headline();
    if (words) {
      const level = /^[1-6]$/.test(this.getAttribute("level")) ? this.getAttribute("level") : 2;
      frame.append(make(`h${level}`, "headline", words));
    }
    frame.append(content);
    return frame;
  }

  /** The list; without items, its outline, of the height the list will at most have. */
  #list(items) {
    const layout = SHOWN[this.getAttribute("layout")] ? this.getAttribute("layout") : "list";
    const show = (this.getAttribute("show") ?? SHOWN[layout]).split(/\s+/);
    const list = make("ul", layout);
    list.part = "list";
    // Safari takes the role away with the bullets.
    list.role = "list";
    const limit = this.#limit();
    const columns = limit < 5 ? Math.max(limit, 2) : limit % 4 ? 3 : 4;
    list.style.setProperty("--columns", `var(--related-posts-columns, ${columns})`);
    for (const item of items || Array(limit)) list.append(this.#item(item, show));
    const frame = this.#frame(list);
    if (!items) {
      frame.classList.add("wait");
      frame.ariaHidden = true;
    }
    return frame;
  }

  #item(item, show) {
    const entry = make("li", "item");
    const link = make(item ? "a" : "div", "link");
    const title = make("span", "title", text(item?.title) || text(item?.id));
    title.dir = "auto";
    if (show.includes("image")) {
      entry.classList.add("pic");
      entry.append(this.#thumb(item));
    }
    link.append(title);
    entry.append(link);
    if (item) {
      link.href = checked(item.url);
      const language = known(item.language) || "";
      if (!this.#language.startsWith(language)) entry.lang = language;
    }
    if (show.includes("excerpt") && (!item || text(item.excerpt))) {
      const excerpt = make("p", "excerpt", item?.excerpt);
      excerpt.dir = "auto";
      entry.append(excerpt);
    }
    const meta = this.#meta(item, show, entry.lang || this.#language);
    if (meta.childNodes.length) entry.append(meta);
    return entry;
  }

  #meta(item, show, language) {
    const meta = make("p", "meta");
    const values = { date: item?.published, author: item?.author, category: item?.categories?.[0] };
    for (const name of show) {
      if (!item && name in values) meta.textContent = "\u00a0";
      const value = text(values[name]);
      if (!value) continue;
      if (name !== "date") meta.append(make("span", name, value));
      else if (Date.parse(value)) {
        const options = { dateStyle: "long", timeZone: "UTC" };
        const words = new Date(value).toLocaleDateString([language, "en"], options);
        const time = make("time", "date", words);
        time.dateTime = value;
        time.lang = language;
        meta.append(time);
      }
    }
    return meta;
  }

  #thumb(item) {
    const thumb = make("span", "thumb");
    thumb.ariaHidden = true;
    const letter = () => thumb.replaceChildren(item ? [...text(item.title).trim()][0] || "·" : "");
    const source = item?.image && checked(item.image.src);
    letter();
    if (!source) return thumb;
    const picture = make("img", "image");
    picture.alt = "";
    picture.loading = "lazy";
    picture.decoding = "async";
    for (const side of ["width", "height"]) {
      if (item.image[side] > 0) picture[side] = item.image[side];
    }
    picture.sizes = "auto, 20rem";
    picture.srcset = checkedSet(item.image.srcset);
    picture.onerror = letter;
    picture.src = source;
    thumb.replaceChildren(picture);
    return thumb;
  }
}

// Frameworks that change the address without telling change the head's title or canonical link.
const watcher = new MutationObserver(hear);

function listen(on) {
  const change = on ? "addEventListener" : "removeEventListener";
  globalThis.navigation?.[change]("currententrychange", hear);
  globalThis[change]("popstate", hear);
  watcher.disconnect();
  if (on && document.head) {
    watcher.observe(document.head, { childList: true, subtree: true, characterData: true,
      attributeFilter: ["href"] });
  }
}

// Loaded twice, or beside another element of this name: the first one stays.
if (!customElements.get("related-posts")) customElements.define("related-posts", RelatedPosts);
