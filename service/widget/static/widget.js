// <related-posts>: posts to read next, asked from the service this file came from.
// No cookie, no storage, no third party. docs/widget.md describes attributes and styling.

const HEADLINES = {
  en: "Related posts", de: "Ähnliche Beiträge", fr: "Articles similaires",
  es: "Entradas relacionadas", it: "Articoli correlati", pt: "Artigos relacionados",
  nl: "Gerelateerde berichten", sv: "Relaterade inlägg", da: "Relaterede indlæg",
  nb: "Relaterte innlegg", nn: "Relaterte innlegg", fi: "Aiheeseen liittyvää", pl: "Podobne wpisy",
  cs: "Související články", hu: "Kapcsolódó bejegyzések", ro: "Articole similare",
  el: "Σχετικά άρθρα", ru: "Похожие записи", uk: "Схожі записи", tr: "Benzer yazılar",
  ar: "مقالات ذات صلة", he: "פוסטים קשורים", fa: "نوشته‌های مرتبط", hi: "संबंधित पोस्ट",
  id: "Artikel terkait", vi: "Bài viết liên quan", th: "บทความที่เกี่ยวข้อง",
  ja: "関連記事", ko: "관련 글", zh: "相关文章", zh_: "相關文章",
};

// What each layout shows beside the title unless the attribute `show` says otherwise.
const SHOWN = {
  list: "image date excerpt", grid: "image date", cards: "image category excerpt author date",
  compact: "image date", text: "date",
};

// Attributes that are parameters of the service, there with _ for -.
const PARAMETERS = ("fallback category not-category tag not-tag author same-author language " +
  "published-after published-before recent past-only min-score diversity").split(" ");
const LOOKS = ["layout", "headline", "level", "show", "empty"];
const ASKS = ["post", "url", "limit", "service", "exclude", "query", ...PARAMETERS];

const WAIT_MS = 10000;
const NEAR = "600px";

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: block; container-type: inline-size; margin-block: 2rem;
  --gap: var(--related-posts-gap, 1.5rem); --radius: var(--related-posts-radius, .5rem);
  --tint: var(--related-posts-tint, color-mix(in srgb, currentColor 9%, transparent)); }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
.root { display: grid; }
.root > * { grid-area: 1 / 1; min-inline-size: 0; }
.wait { visibility: hidden; }
.bare .wait { visibility: inherit; }
.headline { margin: 0 0 .8em; font: inherit; font-size: var(--related-posts-headline-size, 1.25em);
  font-weight: 700; line-height: 1.25; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: var(--gap);
  grid-template-columns: minmax(0, 1fr); }
li { position: relative; min-inline-size: 0; display: grid; align-content: start; gap: .35em; }
.link { color: var(--related-posts-link, inherit); text-decoration: none; }
.link::after { content: ""; position: absolute; inset: 0; border-radius: var(--radius); }
a:hover .title { text-decoration: underline; text-underline-offset: .15em; }
a:focus-visible { outline: none; }
a:focus-visible::after { outline: 2px solid; outline-offset: 3px; }
.title, .excerpt { display: -webkit-box; -webkit-box-orient: vertical; overflow: hidden;
  -webkit-line-clamp: var(--lines); overflow-wrap: anywhere;
  text-align: -webkit-match-parent; text-align: match-parent; }
.title { --lines: var(--related-posts-title-lines, 2); font-weight: 600; line-height: 1.3; }
.excerpt { --lines: var(--related-posts-excerpt-lines, 2); margin: 0; font-size: .9em;
  line-height: 1.45; }
.meta { margin: 0; font-size: .85em; line-height: 1.4; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.excerpt, .meta { color: var(--related-posts-muted, color-mix(in srgb, currentColor 85%, transparent)); }
.meta > * + *::before { content: "·"; margin-inline: .45em; }
.thumb { display: grid; place-items: center; overflow: hidden; aspect-ratio: 16 / 9;
  border-radius: var(--radius); background: var(--tint); font-size: 1.6em; font-weight: 700; }
img { display: block; inline-size: 100%; block-size: 100%; object-fit: cover; }
.wait .title { min-block-size: calc(1.3em * var(--lines)); }
.wait .excerpt { min-block-size: calc(1.45em * var(--lines)); }
.wait .title { display: block; }
.wait :is(.headline, .title, .excerpt, .meta) { color: transparent; border-radius: .3em;
  background: var(--tint) content-box; }

.list li { --aside: 5.5rem; }
:is(.list, .compact) .pic { grid-template: auto auto 1fr / var(--aside) minmax(0, 1fr);
  column-gap: 1rem; }
:is(.list, .compact) .pic > * { grid-column: 2; }
:is(.list, .compact) .thumb.thumb { grid-area: 1 / 1 / span 3; align-self: start; }
.list .thumb { aspect-ratio: 4 / 3; }
.list .excerpt { display: none; }
.compact { gap: 1rem; }
.compact li { --aside: 3.5rem; }
.compact .thumb { aspect-ratio: 1; font-size: 1.2em; }
.text { gap: .8rem; }
.text .title { font-weight: inherit; text-decoration: underline; text-underline-offset: .15em;
  text-decoration-thickness: 1px; }
.text a:hover .title { text-decoration-thickness: 2px; }
.grid, .cards { grid-template-columns: repeat(auto-fill, minmax(min(100%, max(var(--least),
  (100% - (var(--columns) - 1) * var(--gap)) / var(--columns))), 1fr)); }
.grid { --least: 9rem; }
.cards { --least: 15rem; }
.grid .title { --lines: var(--related-posts-title-lines, 4); }
.cards .title { --lines: var(--related-posts-title-lines, 3); }
:is(.grid, .cards) .thumb { margin-block-end: .25rem; font-size: 1.6em; }
.cards li { display: flex; flex-direction: column; overflow: hidden; padding-block-end: 1rem;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent);
  border-radius: var(--radius); background: var(--related-posts-card, transparent); }
.cards .meta { margin-block-start: auto; }
.cards :is(.title, .excerpt, .meta) { margin-inline: 1rem; }
.cards .thumb { border-radius: 0; }
.cards a:focus-visible::after { outline-offset: -3px; }
@container (min-width: 34rem) {
  .list li { --aside: 10rem; }
  .list .thumb { aspect-ratio: 16 / 9; }
  .list .excerpt { display: -webkit-box; }
  .compact { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
`);

/** An element with a class, the same part, and a text. */
function make(tag, name, text) {
  const element = document.createElement(tag);
  element.className = name;
  element.setAttribute("part", name);
  if (text) element.textContent = text;
  return element;
}

/** What may stand in a text. */
const text = (value) => (typeof value === "string" ? value : "");

/** An http(s) address as it may stand in an attribute, or nothing. */
function checked(address) {
  const url = text(address) && URL.canParse(address, document.baseURI) &&
    new URL(address, document.baseURI);
  return /^https?:$/.test(url?.protocol) ? url.href : "";
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
    this.#sight = new IntersectionObserver((seen) => this.#seen(seen.at(-1)), { rootMargin: NEAR });
    this.#sight.observe(this);
    if (!widgets.size) listen(true);
    widgets.add(this);
    this.schedule();
  }

  disconnectedCallback() {
    this.#abort?.abort();
    if (!this.#answer) this.#asked = "";
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
    const abort = (this.#abort = new AbortController());
    const late = setTimeout(() => abort.abort(), WAIT_MS);
    let answer, reason;
    try {
      const response = await fetch(question, { signal: abort.signal, credentials: "omit" });
      if (!response.ok) throw new Error(`the service answered ${response.status}`);
      answer = await response.json();
      if (!Array.isArray(answer?.items)) throw new Error("the answer has no items");
    } catch (mistake) {
      reason = mistake;
    }
    clearTimeout(late);
    // Removed, or asked something else meanwhile.
    if (abort !== this.#abort || !this.isConnected) return;
    this.#answer = answer && {
      version: String(answer.version),
      post: answer.post?.id,
      items: answer.items.filter((item) => checked(item?.url)).slice(0, this.#limit()),
    };
    this.#render();
    if (reason) this.#tell("error", { reason });
    else this.#tell(this.#answer.items.length ? "loaded" : "empty", this.#answer);
  }

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
    const language = this.closest("[lang]")?.lang || document.documentElement.lang;
    try {
      return Intl.getCanonicalLocales(language)[0] || navigator.language;
    } catch {
      return navigator.language;
    }
  }

  #headline() {
    const tag = this.#language.toLowerCase().replace(/^zh-(hant|tw|hk|mo).*/, "zh_");
    return HEADLINES[tag.split("-")[0]] || HEADLINES.en;
  }

  /** A labelled landmark around some content. */
  #frame(content) {
    const frame = make("section", "section");
    const words = this.getAttribute("headline") ?? this.#headline();
    frame.setAttribute("aria-label", words || this.#headline());
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
    list.setAttribute("part", "list");
    // Safari takes the role away with the bullets.
    list.setAttribute("role", "list");
    const limit = this.#limit();
    const columns = limit < 5 ? Math.max(limit, 2) : limit % 4 ? 3 : 4;
    list.style.setProperty("--columns", `var(--related-posts-columns, ${columns})`);
    for (const item of items || Array(limit).fill(null)) list.append(this.#item(item, show));
    const frame = this.#frame(list);
    if (!items) {
      frame.classList.add("wait");
      frame.setAttribute("aria-hidden", "true");
    }
    return frame;
  }

  #item(item, show) {
    const entry = make("li", "item");
    const link = make(item ? "a" : "div", "link");
    const title = make("span", "title", item ? text(item.title) || text(item.id) : "\u00a0");
    title.dir = "auto";
    if (show.includes("image")) {
      entry.classList.add("pic");
      entry.append(this.#thumb(item));
    }
    link.append(title);
    entry.append(link);
    if (item) {
      link.href = checked(item.url);
      if (text(item.language) && !this.#language.startsWith(item.language)) entry.lang = item.language;
    }
    if (show.includes("excerpt") && (!item || text(item.excerpt))) {
      const excerpt = make("p", "excerpt", item ? item.excerpt : "\u00a0");
      excerpt.dir = "auto";
      entry.append(excerpt);
    }
    const meta = this.#meta(item, show);
    if (meta.childNodes.length) entry.append(meta);
    return entry;
  }

  #meta(item, show) {
    const meta = make("p", "meta");
    for (const name of show) {
      const value = item && text({ date: item.published, author: item.author,
        category: item.categories?.[0] }[name]);
      if (!item && /^(date|author|category)$/.test(name)) meta.textContent = "\u00a0";
      if (!value) continue;
      if (name !== "date") meta.append(make("span", name, value));
      else if (Date.parse(value)) {
        const options = { dateStyle: "medium", timeZone: "UTC" };
        const words = new Intl.DateTimeFormat(this.#language, options).format(new Date(value));
        const time = make("time", "date", words);
        time.dateTime = value;
        time.lang = this.#language;
        meta.append(time);
      }
    }
    return meta;
  }

  #thumb(item) {
    const thumb = make("span", "thumb");
    thumb.setAttribute("aria-hidden", "true");
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
    const set = checkedSet(item.image.srcset);
    if (set) {
      picture.sizes = "auto, 20rem";
      picture.srcset = set;
    }
    picture.addEventListener("error", letter, { once: true });
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
      attributes: true, attributeFilter: ["href"] });
  }
}

// Loaded twice, or beside another element of this name: the first one stays.
if (!customElements.get("related-posts")) customElements.define("related-posts", RelatedPosts);
