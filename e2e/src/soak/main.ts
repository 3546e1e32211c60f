import { HELP, parseCommand } from "./options.ts";
import { progressLine, reportText } from "./report-text.ts";
import { soakKills } from "./soak-kills.ts";
import { isClean, type SoakReport } from "./tally.ts";

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const command = parseCommand(process.argv.slice(2), 1 + (Date.now() % 1_000_000));

if (command.kind === "help") process.stdout.write(HELP);
else if (command.kind === "wrong") {
  say(`soak-kills: ${command.why}; see --help`);
  process.exitCode = 2;
} else if (process.platform !== "linux" || process.getuid?.() !== 0) {
  say("soak-kills: the lab's agents live in network namespaces, which needs Linux and root; run it with sudo on a Linux machine");
  process.exitCode = 1;
} else {
  const { kills, output } = command;
  const stop = new AbortController();
  const leave = new AbortController();
  const last: { report?: SoakReport } = {};
  process.on("SIGINT", () => {
    if (stop.signal.aborted) leave.abort();
    else say("no more kills; checking what was done, which takes up to two minutes; Ctrl-C again leaves that out");
    stop.abort();
  });
  say(`seed ${command.seed}`);
  const onProgress = (report: SoakReport): void => {
    last.report = report;
    say(progressLine(report, kills));
  };
  try {
    const report = await soakKills({ ...command, stop: stop.signal, leave: leave.signal, onStep: say, onProgress });
    process.stdout.write(`${output === "json" ? JSON.stringify(report) : reportText(report)}\n`);
    process.exitCode = isClean(report) && report.kills === kills ? 0 : 1;
  } catch (cause) {
    say(`soak-kills: ${cause instanceof Error ? cause.message : String(cause)}`);
    if (last.report !== undefined) say(`so far: ${progressLine(last.report, kills)}`);
    process.exit(leave.signal.aborted ? 130 : 1);
  }
}
