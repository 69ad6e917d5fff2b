// Eleventy: `related` in every template, the lists by the page's path.
import { relatedPosts } from "../related-posts.mjs";

export default () => relatedPosts("related-lists", { limit: 4 });
