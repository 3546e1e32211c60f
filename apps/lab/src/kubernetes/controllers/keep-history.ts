import { RESOURCES, isAlreadyExists } from "@slash28/kube";
import type { Kube } from "@slash28/ports";
import type { ControllerRevision } from "./objects/index.ts";
import type { TemplateHistory } from "./template-history.ts";

/** Stores what a template's history asks for. */
export async function keepHistory(kube: Kube, history: TemplateHistory): Promise<void> {
  if (history.create !== undefined) {
    try {
      await kube.create<ControllerRevision>(RESOURCES.controllerRevisions, history.create);
    } catch (error) {
      // Made in a turn before, and not seen yet.
      if (!isAlreadyExists(error)) throw error;
    }
  }
  if (history.renumber !== undefined) await kube.update<ControllerRevision>(RESOURCES.controllerRevisions, history.renumber);
  for (const { metadata } of history.delete) await kube.delete(RESOURCES.controllerRevisions, metadata.name, metadata.namespace);
}
