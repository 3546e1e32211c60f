import { RESOURCES } from "@slash28/kube";
import type { Kube } from "@slash28/ports";
import { createUnlessThere } from "./create-unless-there.ts";
import type { ControllerRevision } from "./objects/index.ts";
import type { TemplateHistory } from "./template-history.ts";

/** Stores what a template's history asks for. */
export async function keepHistory(kube: Kube, history: TemplateHistory): Promise<void> {
  const { create } = history;
  if (create !== undefined) await createUnlessThere(() => kube.create<ControllerRevision>(RESOURCES.controllerRevisions, create));
  if (history.renumber !== undefined) await kube.update<ControllerRevision>(RESOURCES.controllerRevisions, history.renumber);
  for (const { metadata } of history.delete) await kube.delete(RESOURCES.controllerRevisions, metadata.name, metadata.namespace);
}
