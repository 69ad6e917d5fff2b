// For templates made for LinkWithin: puts <related-posts> where its widget stood.
// Reads linkwithin_text, linkwithin_text_only and linkwithin_div_class, or the same as
// data-text, data-text-only and data-div-class on this script; docs/widget.md has the rest.

(() => {
  const script = document.currentScript;
  const base = script?.src || document.baseURI;
  const said = (name) => {
    const global = window[`linkwithin_${name.replace("-", "_")}`];
    const value = script?.getAttribute(`data-${name}`);
    return value ?? (global === undefined || global === null ? null : String(global));
  };
  const MOST = 15;
  const POSTS = ".post, .hentry, .blog-post, article";
  const BODIES = ".post-body, .entry-content, .post-content, .post-entry, .entry";
  const LINKS = "a[rel~=bookmark], .post-title a, .entry-title a, h1 a, h2 a, h3 a, " +
    "a.timestamp-link";

  /** Elements to put a widget into, at most 15: those that were marked, else posts. */
  const places = () => {
    const name = said("div-class") || "linkwithin_div";
    const marked = [...document.getElementsByClassName(name)];
    if (marked.length) return marked.slice(0, MOST);
    const bodies = [...document.querySelectorAll(BODIES)];
    const outer = bodies.filter((body) => !body.parentElement.closest(BODIES));
    return (outer.length ? outer : [...document.querySelectorAll("article")]).slice(0, MOST);
  };

  /** The address of the post that a place belongs to, or nothing where the page is the post. */
  const address = (place, alone) => {
    if (place.dataset.url) return place.dataset.url;
    if (alone) return null;
    const post = place.closest(POSTS) || place.parentElement;
    return post.querySelector(LINKS)?.href || null;
  };

  const start = () => {
    const found = places();
    for (const place of found) {
      if (place.querySelector("related-posts")) continue;
      const url = address(place, found.length === 1);
      // On a page of many posts, one without an address of its own has no list.
      if (found.length > 1 && !url) continue;
      const widget = document.createElement("related-posts");
      const only = said("text-only");
      const text = only !== null && !/^(|0|false|no)$/i.test(only);
      widget.setAttribute("layout", script?.dataset.layout || (text ? "text" : "grid"));
      widget.setAttribute("limit", script?.dataset.limit || "4");
      if (said("text") !== null) widget.setAttribute("headline", said("text"));
      if (url) widget.setAttribute("url", url);
      place.append(widget);
    }
    if (!found.length) return;
    const module = document.createElement("script");
    module.type = "module";
    module.src = new URL("widget.js", base).href;
    document.head.append(module);
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
