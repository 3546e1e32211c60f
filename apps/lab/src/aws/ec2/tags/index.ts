export { createTags, deleteTags } from "./change-tags.ts";
export { describeTags } from "./describe-tags.ts";
