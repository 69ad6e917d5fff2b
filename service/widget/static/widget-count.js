// Counts which related posts were seen (half of one, for a second) and followed, by position.
// A page that does not load this file counts nothing. No cookie, no storage, no identifier:
// one report when the page is left and one a click. docs/widget.md says what is kept.

const SEEN_MS = 1000;
const lists = new Map();

/** Begin to watch the list that a widget shows. */
function watch(widget, { version, post, items }) {
  lists.get(widget)?.end();
  lists.delete(widget);
  // A list for a page that the service does not know is nobody's.
  if (!post) return;
  const views = [];
  const counted = new Set();
  const timers = new Map();
  const entries = () => [...widget.shadowRoot.querySelectorAll("a")].map((a) => a.closest("li"));

  /** Count a view once. */
  const see = (position) => {
    if (counted.has(position) || !items[position - 1]) return;
    counted.add(position);
    views.push([position, items[position - 1].id]);
  };
  const sight = new IntersectionObserver((changes) => {
    for (const { target, intersectionRatio } of changes) {
      clearTimeout(timers.get(target));
      if (intersectionRatio < 0.5) continue;
      timers.set(target, setTimeout(() => {
        if (document.visibilityState === "visible") see(entries().indexOf(target) + 1);
      }, SEEN_MS));
    }
  }, { threshold: 0.5 });
  // Another layout makes the entries anew.
  const again = () => {
    sight.disconnect();
    timers.forEach(clearTimeout);
    for (const entry of entries()) sight.observe(entry);
  };
  const change = new MutationObserver(again);
  change.observe(widget.shadowRoot, { childList: true, subtree: true });
  again();

  const send = (clicks = []) => {
    if (!views.length && !clicks.length) return;
    const base = widget.getAttribute("service")?.replace(/\/?$/, "/") || import.meta.url;
    const report = { version, post, views: views.splice(0), clicks };
    navigator.sendBeacon(new URL("v1/events", new URL(base, document.baseURI)),
      JSON.stringify(report));
  };
  lists.set(widget, {
    send,
    click(position) {
      // Who follows a link has seen it.
      see(position);
      send([[position, items[position - 1].id]]);
    },
    end() {
      sight.disconnect();
      change.disconnect();
      timers.forEach(clearTimeout);
      send();
    },
  });
}

const sendAll = () => lists.forEach((list, widget) => {
  if (widget.isConnected) return list.send();
  list.end();
  lists.delete(widget);
});
addEventListener("related-posts-loaded", (event) => watch(event.composedPath()[0], event.detail));
addEventListener("related-posts-click", (event) => {
  lists.get(event.composedPath()[0])?.click(event.detail.position);
});
addEventListener("pagehide", sendAll);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") sendAll();
});
for (const widget of document.querySelectorAll("related-posts")) {
  if (widget.answer?.items.length) watch(widget, widget.answer);
}
