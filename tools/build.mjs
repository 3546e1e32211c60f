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
  const programs = NATIVE.filter((folder) => existsSync(join(root, folder))).flatMap((folder) => nativePrograms(join(root, folder)));
  if (programs.length === 0) return;
  if (!hasProgram("cc")) {
    say("no C compiler: the Node plugin stands in for the static one (slower pod starts); Debian's gcc and libc6-dev bring one");
    return;
  }
  const out = join(root, "dist", "native");
  mkdirSync(out, { recursive: true });
  for (const { name, files } of programs) {
    const target = join(out, name);
    const sources = files.filter((file) => file.endsWith(".c"));
    if (existsSync(target) && files.every((file) => statSync(target).mtimeMs >= statSync(file).mtimeMs)) continue;
    const { status } = spawnSync("cc", ["-Os", "-static", "-Wall", "-Wextra", "-Werror", "-o", target, ...sources], { stdio: "inherit" });
    if (status !== 0) process.exit(1);
  }
}

/** A C file is a program; so is a folder of C files. */
function nativePrograms(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return [{ name: entry.name, files: readdirSync(path).map((name) => join(path, name)) }];
    return entry.name.endsWith(".c") ? [{ name: basename(entry.name, ".c"), files: [path] }] : [];
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await build();
