// The first part of widget.js: what a list says and how it looks.

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
  list: "image date excerpt", grid: "image date", cards: "image category excerpt date author",
  compact: "image date", text: "date",
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: block; container-type: inline-size; margin-block: 2rem;
  inline-size: -moz-available; inline-size: -webkit-fill-available;
  --gap: var(--related-posts-gap, 1.5rem); --radius: var(--related-posts-radius, .5rem);
  --tint: var(--related-posts-tint, color-mix(in srgb, currentColor 9%, transparent)); }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
.root { display: grid; white-space: normal; text-indent: 0; }
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
.meta > * { unicode-bidi: isolate; }
.meta > * + *::before { content: "·"; margin-inline: .45em; }
.thumb { display: grid; grid: 100% / 100%; place-items: center; overflow: hidden; aspect-ratio: 16 / 9;
  border-radius: var(--radius); background: var(--tint); font-size: 1.6em; font-weight: 700; }
img { display: block; inline-size: 100%; block-size: 100%; object-fit: cover; }
.wait .title { display: block; min-block-size: calc(1.3em * var(--lines)); }
.wait .excerpt { min-block-size: calc(1.45em * var(--lines)); }
.wait :is(.headline, .title, .excerpt, .meta) { -webkit-text-fill-color: #0000; border-radius: .3em;
  background: var(--tint) content-box; }

.list li { --aside: 5.5rem; }
:is(.list, .compact) .pic { grid-template: auto auto 1fr / var(--aside) minmax(0, 1fr);
  column-gap: 1rem; }
:is(.list, .compact) .pic > * { grid-column: 2; }
:is(.list, .compact) .thumb.thumb { grid-area: 1 / 1 / span 3; align-self: start; }
.list .thumb { aspect-ratio: 4 / 3; }
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
.grid .thumb { margin-block-end: .25rem; }
.cards li { display: flex; flex-direction: column; overflow: hidden; padding: 1rem;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent);
  border-radius: var(--radius); background: var(--related-posts-card, transparent); }
.cards .meta { margin-block-start: auto; }
.cards .thumb { margin: -1rem -1rem .25rem; border-radius: 0; }
.cards a:focus-visible::after { outline-offset: -3px; }
@media print { .wait { display: none; } }
@container (min-width: 34rem) {
  .list li { --aside: 10rem; }
  .list .thumb { aspect-ratio: 16 / 9; }
  .compact { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
`);
