// The whole test command: sets up what tests need, checks the code, then runs unit, kernel and end-to-end tests.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bin, fetchKubectl, installDependencies, installPackages, requireNode, root, run, runNode, say } from "./setup.mjs";

const PROJECTS = ["unit", "kernel", "e2e"];
const asked = process.argv.slice(2).filter((word) => PROJECTS.includes(word));
const projects = asked.length > 0 ? asked : PROJECTS;

requireNode();
installDependencies();
installPackages("lab");
installPackages("test");
const tools = fetchKubectl();
const { build } = await import("./build.mjs");
await build();

let failedChecks = 0;
if (asked.length === 0) failedChecks = runNode([join(root, "tools/check.mjs")]) === 0 ? 0 : 1;

const totals = { passed: 0, failed: failedChecks, skipped: 0 };
for (const project of projects) {
  if (project !== "unit" && !canMakeNamespaces()) {
    say(`skipping the ${project} tests: they make network namespaces, which needs Linux and root`);
    continue;
  }
  const counts = await vitest(project);
  for (const key of Object.keys(totals)) totals[key] += counts[key];
}
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ""}\n`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);

function canMakeNamespaces() {
  return process.platform === "linux" && process.getuid?.() === 0 && run("unshare", ["--net", "true"], { stdio: "ignore" }) === 0;
}

/** Runs one vitest project; a run that ends without a report counts as one failure. */
async function vitest(project) {
  const folder = join(root, ".cache", "reports");
  mkdirSync(folder, { recursive: true });
  const report = join(folder, `${project}.json`);
  rmSync(report, { force: true });
  const env = {
    ...process.env,
    SLASH28_KUBECTL: join(tools, "kubectl"),
    SLASH28_HELM: join(tools, "helm"),
    PATH: `${tools}:${process.env.PATH}:/usr/sbin`,
  };
  const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await new Promise((resolve) =>
    spawn(bin("vitest"), args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] }).on("exit", (status) => resolve(status ?? 1)),
  );
  try {
    const {
      numPassedTests: passed,
      numFailedTests: failed,
      numPendingTests: skipped,
      numFailedTestSuites: suites,
    } = JSON.parse(readFileSync(report, "utf8"));
    return { passed, failed: failed === 0 && (code !== 0 || suites > 0) ? 1 : failed, skipped };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
