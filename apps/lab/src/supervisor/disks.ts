import { rm } from "node:fs/promises";
import { join } from "node:path";
import { RESOURCES, createInformer } from "@slash28/kube";
import type { Clock, Kube, Log } from "@slash28/ports";
import { diskHandle } from "../kubernetes/controllers/index.ts";
import type { PersistentVolume } from "../kubernetes/controllers/index.ts";

export interface DisksOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  /** Holds one directory per volume; kubelets make them with the first pod. */
  readonly dir: string;
}

/** Takes the directory of each volume away once the volume is deleted. */
export function followDisks(options: DisksOptions): { stop(): Promise<void> } {
  const volumes = createInformer<PersistentVolume>(options.kube, RESOURCES.persistentVolumes, options);
  const unlisten = volumes.onChange(({ type, object }) => {
    const handle = type === "deleted" ? diskHandle(object) : undefined;
    if (handle === undefined) return;
    rm(join(options.dir, handle), { recursive: true, force: true }).catch((error: unknown) =>
      options.log.warn("cannot take a volume's directory away", { volume: handle, detail: String(error) }),
    );
  });
  return {
    async stop() {
      unlisten();
      await volumes.stop();
    },
  };
}
