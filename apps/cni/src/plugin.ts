import { writeSync } from "node:fs";
import { runPlugin } from "./run-plugin.ts";

process.exitCode = await runPlugin({
  env: process.env,
  stdin: process.stdin,
  stdout: (text) => void writeSync(1, typeof text === "string" ? Buffer.from(text) : text),
  stderr: (text) => void writeSync(2, text),
});
