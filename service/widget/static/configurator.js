// The page at /widget/: what is chosen becomes attributes of a live widget, and a snippet.

const form = document.querySelector("#form");
const by = (id) => document.getElementById(id);
const base = new URL("..", location.href).href;
const SHOWN = {
  list: "image date excerpt", grid: "image date", cards: "image category excerpt date author",
  compact: "image date", text: "date",
};
const ORDER = ["image", "excerpt", "date", "author", "category"];

/** For each engine: where the snippet goes, and what tells the widget the post. */
const ENGINES = {
  html: ["Where the list should stand, at the end of a post’s page. The page’s canonical link, " +
    "or else its address, tells which post it is."],
  wordpress: ["Appearance → Editor → Templates → Single posts: a block “Custom HTML” below the " +
    "content. In a classic theme: single.php, below the_content(). WordPress writes the " +
    "canonical link itself."],
  ghost: ["In post.hbs of your theme, below {{content}}.", 'url="{{url absolute="true"}}"'],
  hugo: ["In layouts/_default/single.html, below {{ .Content }}.", 'url="{{ .Permalink }}"'],
  jekyll: ["In _layouts/post.html, below {{ content }}.",
    'url="{{ page.url | absolute_url }}"'],
  blogger: ["Theme → Edit HTML, below <data:post.body/> in the widget Blog1.",
    "expr:url='data:post.url'"],
};

const escaped = (value) => value.replaceAll("&", "&amp;").replaceAll('"', "&quot;")
  .replaceAll("<", "&lt;");
const chosen = (name) => form.elements[name];

/** The widget's attributes, without those that say what is so anyway. */
function attributes() {
  const layout = chosen("layout").value;
  const found = {};
  if (layout !== "list") found.layout = layout;
  const limit = Math.min(Math.max(parseInt(chosen("limit").value, 10) || 4, 1), 50);
  if (limit !== 4) found.limit = String(limit);
  if (chosen("plain").checked) found.headline = "";
  else if (chosen("headline").value.trim()) found.headline = chosen("headline").value.trim();
  const show = [...form.querySelectorAll("[name=show]:checked")].map((box) => box.value);
  const usual = SHOWN[layout].split(" ");
  if (show.length !== usual.length || show.some((name) => !usual.includes(name))) {
    found.show = ORDER.filter((name) => show.includes(name)).join(" ");
  }
  return found;
}

/** The custom properties, without those that say what is so anyway. */
function properties() {
  const found = {};
  if (chosen("coloured").checked) found["--related-posts-link"] = chosen("colour").value;
  if (chosen("radius").value !== "8") {
    found["--related-posts-radius"] = `${chosen("radius").value / 16}rem`;
  }
  if (chosen("gap").value !== "24") found["--related-posts-gap"] = `${chosen("gap").value / 16}rem`;
  return found;
}

function make(set, style) {
  const widget = document.createElement("related-posts");
  for (const [name, value] of Object.entries(set)) widget.setAttribute(name, value);
  for (const [name, value] of Object.entries(style)) widget.style.setProperty(name, value);
  return widget;
}

// Windows from so many em on, and how narrow and wide in pixels an article can be in them.
const WINDOWS = [[0, 272, 440], [30, 400, 740], [48, 640, 820]];
const STEP = 12;

/** For each of these, how high the list can be, in the text's em. */
function heights(set, style) {
  const place = by("measure");
  place.replaceChildren(make(set, style));
  const em = parseFloat(getComputedStyle(place).fontSize);
  const found = WINDOWS.map(([from, least, most]) => {
    let height = 0;
    for (let width = least; width <= most; width += STEP) {
      place.style.inlineSize = `${width}px`;
      height = Math.max(height, place.offsetHeight);
    }
    // One step may add so much of a picture's height.
    return [from, Math.ceil((height + STEP) / em)];
  });
  place.replaceChildren();
  return found;
}

function script(name, pinned, integrity) {
  if (!chosen("fixed").checked) return `<script type="module" src="${base}${name}"></script>`;
  return `<script type="module" src="${base}${pinned}"\n` +
    `  integrity="${integrity}" crossorigin="anonymous"></script>`;
}

function snippet(set, style) {
  const engine = by("engine").value;
  const [where, post] = ENGINES[engine];
  by("where").textContent = where;
  const rules = Object.entries(style).map(([name, value]) => `${name}: ${value};`);
  const lines = [];
  const reserve = chosen("reserve").checked;
  if (reserve) {
    const [[, first], ...wider] = heights(set, style);
    rules.unshift("display: block;", "margin-block: 2em;", `min-block-size: ${first}em;`);
    lines.push("<style>", `  related-posts { ${rules.join(" ")} }`);
    let last = first;
    for (const [from, height] of wider) {
      if (height === last) continue;
      last = height;
      lines.push(`  @media (min-width: ${from}em) {`,
        `    related-posts { min-block-size: ${height}em; }`, "  }");
    }
    lines.push("</style>");
  } else if (rules.length) {
    lines.push("<style>", `  related-posts { ${rules.join(" ")} }`, "</style>");
  }
  const data = document.body.dataset;
  lines.push(script("widget.js", data.pinned, data.integrity));
  if (chosen("count")?.checked) {
    lines.push(script("widget-count.js", data.counter, data.counterIntegrity));
  }
  const written = Object.entries(set).map(([name, value]) => `${name}="${escaped(value)}"`);
  if (post) written.unshift(post);
  lines.push(`<related-posts${written.map((each) => ` ${each}`).join("")}></related-posts>`);
  if (engine === "blogger") {
    lines.unshift("<b:if cond='data:view.isPost'>");
    lines.push("</b:if>");
  }
  by("code").textContent = lines.join("\n");
}

let widget;
function update() {
  const set = attributes();
  const style = properties();
  if (!widget) {
    widget = make({}, {});
    by("place").append(widget);
  }
  for (const name of ["layout", "limit", "headline", "show"]) {
    if (name in set) widget.setAttribute(name, set[name]);
    else widget.removeAttribute(name);
  }
  for (const name of ["link", "radius", "gap"].map((each) => `--related-posts-${each}`)) {
    if (name in style) widget.style.setProperty(name, style[name]);
    else widget.style.removeProperty(name);
  }
  if (by("post").value) widget.setAttribute("post", by("post").value);
  by("paper").dataset.ground = by("ground").value;
  by("paper").dataset.width = by("width").value;
  snippet(set, style);
}

/** A layout brings what it shows by itself. */
function reset() {
  const usual = SHOWN[chosen("layout").value].split(" ");
  for (const box of form.querySelectorAll("[name=show]")) box.checked = usual.includes(box.value);
}

form.addEventListener("input", (event) => {
  if (event.target.name === "layout") reset();
  if (event.target.name === "colour") chosen("coloured").checked = true;
  update();
});
form.addEventListener("submit", (event) => event.preventDefault());
for (const id of ["post", "width", "ground", "engine"]) by(id).addEventListener("change", update);
by("paper").addEventListener("click", (event) => {
  // A preview is looked at: following a link would lose what was chosen.
  if (event.composedPath().some((each) => each.localName === "a")) event.preventDefault();
});
const say = (text) => { by("note").textContent = text; };
addEventListener("related-posts-loaded", (event) => {
  const count = event.detail.items.length;
  // Nothing follows the preview that could jump, so it need not keep its space.
  widget.shadowRoot.firstElementChild.style.minBlockSize = "";
  say(`${count} post${count === 1 ? "" : "s"}, version ${event.detail.version}`);
});
addEventListener("related-posts-empty", () => say("Nothing is related to this post."));
addEventListener("related-posts-error", (event) => say(String(event.detail.reason)));
by("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(by("code").textContent);
  } catch {
    // Without https there is no clipboard to write to; the old way copies a selection.
    getSelection().selectAllChildren(by("code"));
    document.execCommand("copy");
  }
  by("copy").textContent = "Copied";
  setTimeout(() => { by("copy").textContent = "Copy"; }, 1500);
});
reset();
update();
