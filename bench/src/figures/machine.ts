import { cpus, loadavg, release, totalmem } from "node:os";

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the minute before the run: above 0 others were at work too. */
  readonly loadBefore: number;
}

export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 1e9),
    kernel: release(),
    node: process.versions.node,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

export function machineText({ cpu, cores, memoryGb, kernel, node, loadBefore }: Machine): string {
  return `${cores} × ${cpu}, ${memoryGb} GB, Linux ${kernel}, Node ${node}; load before the run ${loadBefore}`;
}
