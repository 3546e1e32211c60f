import { at, badRequest, fail, numberOf, succeed, textOf, type Result } from "@slash28/kube-store";

import type { DeleteRequest } from "../operations/delete-object.ts";
import { countParameter, parameter, type ApiCall } from "./api-call.ts";
import { readBody } from "./request-body.ts";

/** DeleteOptions from the body and the query; the body wins. */
export function deleteRequestOf({ request, query }: ApiCall): Result<DeleteRequest> {
  const body = readBody(request);
  if (!body.ok) return body;
  const propagation =
    textOf(at(body.value, "propagationPolicy")) ?? parameter(query, "propagationPolicy") ?? orphaning(at(body.value, "orphanDependents"));
  if (propagation !== undefined && !isPropagation(propagation)) {
    return fail(
      badRequest(
        `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "${propagation}": supported values: "Foreground", "Background", "Orphan"`,
      ),
    );
  }
  const dryRun = at(body.value, "dryRun");
  return succeed({
    gracePeriodSeconds: numberOf(at(body.value, "gracePeriodSeconds")) ?? countParameter(query, "gracePeriodSeconds"),
    propagation,
    uid: textOf(at(body.value, "preconditions", "uid")),
    resourceVersion: textOf(at(body.value, "preconditions", "resourceVersion")),
    isDryRun: query.get("dryRun") === "All" || (Array.isArray(dryRun) && dryRun.includes("All")),
  });
}

function isPropagation(text: string): text is "Foreground" | "Background" | "Orphan" {
  return text === "Foreground" || text === "Background" || text === "Orphan";
}

/** The field that came before `propagationPolicy`. */
function orphaning(orphan: unknown): string | undefined {
  if (orphan === true) return "Orphan";
  return orphan === false ? "Background" : undefined;
}
