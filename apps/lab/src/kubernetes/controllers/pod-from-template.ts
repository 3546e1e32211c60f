import type { KubeObject } from "@slash28/ports";
import { ownerReferenceTo, randomSuffix } from "./objects/index.ts";
import type { Pod, PodTemplate } from "./objects/index.ts";

/** The pod a template describes, owned by a controller, with a name of its own that begins with `base`. */
export function podFromTemplate(owner: KubeObject, template: PodTemplate, random: () => number, base = owner.metadata.name): Pod {
  // The name must stay valid as a host name: 63 letters, five of them random.
  const generateName = `${base.slice(0, 57)}-`;
  const { labels, annotations } = template.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${generateName}${randomSuffix(random)}`,
      generateName,
      namespace: owner.metadata.namespace ?? "default",
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [ownerReferenceTo(owner)],
    },
    spec: template.spec,
  };
}
