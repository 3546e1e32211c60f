// Builds every program into dist/: one ES module per Node program, one static binary per C program.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { hasProgram, root, say } from "./setup.mjs";

const PROGRAMS = {
  slash28: "apps/cli/src/main.ts",
  "fleet-worker": "apps/cli/src/simulate/fleet-worker.ts",
  lab: "apps/lab/src/main.ts",
  agent: "apps/agent/src/main.ts",
  "aws-cni": "apps/cni/src/plugin.ts",
  dns: "apps/dns/src/main.ts",
  "pod-identity-agent": "apps/pod-identity-agent/src/main.ts",
};
const NATIVE = ["apps/agent/native", "apps/cni/native", "apps/lab/native"];
/** A crash shows the line it happened in. */
const LINE_MAX = 160;
const PORTABLE_REQUIRE = 'import { createRequire as slash28Require } from "node:module"; const require = slash28Require(import.meta.url);';

export async function build() {
  await bundle();
  compile();
}

/**
 * One ES module per program; a program whose source is not there is left out. What a program imports only when it needs it lies in a folder of
 * the program's name: a node's agent is small as long as nobody speaks gRPC to it.
 */
export async function bundle(programs = PROGRAMS) {
  const entries = Object.entries(programs).filter(([, source]) => existsSync(join(root, source)));
  for (const [name, source] of entries) await bundleOne(name, source);
}

async function bundleOne(name, source) {
  const { build: esbuild } = await import("esbuild");
  rmSync(join(root, "dist", name), { recursive: true, force: true });
  await esbuild({
    absWorkingDir: root,
    entryPoints: { [name]: source },
    outdir: "dist",
    splitting: true,
    chunkNames: `${name}/[name]-[hash]`,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    external: ["koffi"],
    banner: { js: PORTABLE_REQUIRE },
    sourcemap: "linked",
    // A process holds the text of its program, with two bytes for each character where one of them, be it in a comment, is not Latin.
    minifyWhitespace: true,
    lineLimit: LINE_MAX,
    logLevel: "warning",
  });
}

/** A program is a C file, or a folder of them; it is called what the file or folder is called. */
function nativePrograms() {
  return NATIVE.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(root, folder, entry.name);
      if (entry.isDirectory()) return [{ name: entry.name, sources: filesIn(path, ".c"), headers: filesIn(path, ".h") }];
      return entry.name.endsWith(".c") ? [{ name: basename(entry.name, ".c"), sources: [path], headers: [] }] : [];
    }),
  );
}

function filesIn(folder, ending) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

function compile() {
  if (!hasProgram("cc")) {
    say("no C compiler: the Node plugin stands in for the static one (slower pod starts); Debian's gcc and libc6-dev bring one");
    return;
  }
  const out = join(root, "dist", "native");
  mkdirSync(out, { recursive: true });
  for (const { name, sources, headers } of nativePrograms()) {
    const target = join(out, name);
    const newest = Math.max(...[...sources, ...headers].map((file) => statSync(file).mtimeMs));
    if (existsSync(target) && statSync(target).mtimeMs >= newest) continue;
    const { status } = spawnSync("cc", ["-Os", "-static", "-Wall", "-Wextra", "-Werror", "-o", target, ...sources], { stdio: "inherit" });
    if (status !== 0) throw new Error(`cc could not build ${name}`);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  // esbuild and cc have said what is wrong.
  await build().catch(() => process.exit(1));
}
