import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { until, type Bench } from "../bench.ts";
import { residentMb } from "../memory.ts";

const PORT = 45_353;
const IN_FLIGHT = 64;
const SECONDS = 2;
const COREFILE = `.:${PORT} {
  bind 127.0.0.1
  hosts {
    10.0.0.1 web.example
  }
  cache 30
  loadbalance
}
`;
/** A question for the address of web.example. */
const QUESTION = Buffer.concat([
  Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  Buffer.from("\u0003web\u0007example\0", "latin1"),
  Buffer.from([0, 1, 0, 1]),
]);

/** Cluster DNS as shipped: how many questions a second one replica answers, and how large it is meanwhile. */
export const clusterDns: Bench = {
  name: "dns",
  about: "cluster DNS: questions per second over UDP, from its cache",
  needs: "nothing",
  async run({ say, undo, folder, dist }) {
    const conf = join(folder, "Corefile");
    writeFileSync(conf, COREFILE);
    const server = spawn(process.execPath, ["--max-semi-space-size=1", join(dist, "dns.mjs"), "-conf", conf], { stdio: "ignore" });
    undo.add("cluster DNS", () => void server.kill("SIGKILL"));
    const socket = createSocket("udp4");
    undo.add("the asking socket", () => socket.close());
    socket.connect(PORT, "127.0.0.1");
    await once(socket, "connect");
    await until("cluster DNS to answer", () => isAnswered(socket), 10_000);
    say("asking cluster DNS");
    const answers = await load(socket);
    return [
      { name: "questions over UDP", value: answers / SECONDS, unit: "/s", note: `${IN_FLIGHT} in flight, all from the cache` },
      { name: "resident memory", value: residentMb(server.pid ?? 0), unit: "MB", note: "after that load; shared pages counted in full" },
    ];
  },
};

function isAnswered(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isSo: boolean): void => {
      clearTimeout(timer);
      socket.off("message", answered);
      socket.off("error", refused);
      resolve(isSo);
    };
    const answered = (): void => end(true);
    const refused = (): void => end(false);
    const timer = setTimeout(() => end(false), 100);
    socket.once("message", answered);
    socket.once("error", refused);
    socket.send(QUESTION);
  });
}

/** Each answer brings the next question; one that is lost is made up for. */
async function load(socket: Socket): Promise<number> {
  let answers = 0;
  socket.on("message", () => {
    answers++;
    socket.send(QUESTION);
  });
  const refill = setInterval(() => socket.send(QUESTION), 50);
  for (let sent = 0; sent < IN_FLIGHT; sent++) socket.send(QUESTION);
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
  clearInterval(refill);
  socket.removeAllListeners("message");
  return answers;
}
