// Types, lint, format and tidiness, in that order; says which failed.
import { bin, installDependencies, requireNode, run, say } from "./setup.mjs";

requireNode();
installDependencies();

const CHECKS = [
  ["types", "tsc", ["-b"]],
  ["lint", "oxlint", ["--type-aware", "--quiet"]],
  ["format", "oxfmt", ["--check", "."]],
  ["tidiness", "vitest", ["run", "--project", "unit", "tools/test/tidy.test.ts"]],
];
const failed = CHECKS.filter(([, program, args]) => run(bin(program), args) !== 0).map(([name]) => name);
if (failed.length > 0) {
  say(`check failed: ${failed.join(", ")}`);
  process.exit(1);
}
