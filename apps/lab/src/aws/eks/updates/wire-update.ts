import type { Update } from "@aws-sdk/client-eks";
import type { UpdateRecord } from "@slash28/eks";

/** An update as EKS shows it. */
export function wireUpdate(update: UpdateRecord): Update {
  return {
    id: update.id,
    status: update.status,
    type: update.type,
    params: update.params.map((param) => ({ ...param })),
    createdAt: new Date(update.createdAt),
    errors: update.errors.map((error) => ({ ...error, resourceIds: [...error.resourceIds] })),
  } as Update;
}
