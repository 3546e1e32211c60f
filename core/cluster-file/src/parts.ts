/** What other files that people write take over from the cluster file: its ways to write a value, and to say what is wrong with one. */
export { cidr as cidrSchema, name as nameSchema } from "./schema/basics.ts";
export { share as shareSchema } from "./schema/share.ts";
export { problemsOfIssue, shapeError } from "./shape-problems.ts";
