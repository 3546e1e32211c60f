// Builds every program into dist/: one ES module per Node program, one static binary per C program.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { hasProgram, root, say } from "./setup.mjs";

const PROGRAMS = {
  slash28: "apps/cli/src/main.ts",
  lab: "apps/lab/src/main.ts",
  agent: "apps/agent/src/main.ts",
  "aws-cni": "apps/cni/src/plugin.ts",
  "web-stand-in": "apps/lab/src/kubernetes/kubelet/web-stand-in.ts",
};
const NATIVE = ["apps/cni/native", "apps/lab/native"];
const PORTABLE_REQUIRE = 'import { createRequire as slash28Require } from "node:module"; const require = slash28Require(import.meta.url);';

export async function build() {
  await bundle();
  compile();
}

async function bundle() {
  const { build: esbuild } = await import("esbuild");
  const entries = Object.entries(PROGRAMS).filter(([, source]) => existsSync(join(root, source)));
  await esbuild({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries),
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    external: ["koffi"],
    banner: { js: PORTABLE_REQUIRE },
    sourcemap: "linked",
    logLevel: "warning",
  });
}

function compile() {
  const sources = NATIVE.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder)).filter((name) => name.endsWith(".c")).map((name) => join(root, folder, name)));
  if (sources.length === 0) return;
  if (!hasProgram("cc")) {
    say("no C compiler: the Node plugin stands in for the static one (slower pod starts); Debian's gcc and libc6-dev bring one");
    return;
  }
  const out = join(root, "dist", "native");
  mkdirSync(out, { recursive: true });
  for (const source of sources) {
    const target = join(out, basename(source, ".c"));
    if (existsSync(target) && statSync(target).mtimeMs >= statSync(source).mtimeMs) continue;
    const { status } = spawnSync("cc", ["-Os", "-static", "-Wall", "-Wextra", "-Werror", "-o", target, source], { stdio: "inherit" });
    if (status !== 0) process.exit(1);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await build();
