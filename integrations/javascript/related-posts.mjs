// Related posts for sites that are built with Node, from files of `related-posts export`.
// No dependencies. Node 18 or newer.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const path = (url) => {
  try {
    const { pathname } = new URL(url, "http://site.invalid");
    return decodeURI(pathname).replace(/index\.html$/, "").replace(/\/+$/, "") + "/";
  } catch {
    return url;
  }
};

/**
 * Every list of an export, by the page's path: `{"/rye/": [{url, title, …}], …}`.
 *
 * A folder that is not there gives no lists and a warning; one that is damaged is an error.
 */
export async function relatedPosts(folder, { limit = 4 } = {}) {
  let index;
  try {
    index = JSON.parse(await readFile(join(folder, "index.json"), "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    console.warn(`no related posts: ${folder}/index.json is not there`);
    return {};
  }
  const lists = Object.create(null);
  for (const [url, file] of Object.entries(index.urls)) {
    const { items } = JSON.parse(await readFile(join(folder, file), "utf8"));
    lists[path(url)] = items.slice(0, limit);
  }
  return lists;
}

/** The list of one page, by its path or address; empty where there is none. */
export function listOf(lists, url) {
  return lists[path(url)] ?? [];
}
