import { at, textOf, type KubeObject, type Store } from "@slash28/kube-store";

const STORAGE = "priorityclasses.scheduling.k8s.io";
export interface PodPriority {
  readonly className: string | undefined;
  readonly priority: number;
  readonly preemptionPolicy: string;
}

/** What a pod's class gives it; without a class, what the one for all does. `undefined` when there is no such class. */
export function priorityOf(store: Store, className: string | undefined): PodPriority | undefined {
  if (className !== undefined && className !== "") {
    const found = store.get(STORAGE, { name: className });
    return found === undefined ? undefined : given(found, className);
  }
  const forAll = store.list(STORAGE).find((one) => one["globalDefault"] === true);
  return forAll === undefined
    ? { className: undefined, priority: 0, preemptionPolicy: "PreemptLowerPriority" }
    : given(forAll, forAll.metadata.name);
}

function given(found: KubeObject, className: string): PodPriority {
  const value = found["value"];
  return {
    className,
    priority: typeof value === "number" ? value : 0,
    preemptionPolicy: textOf(at(found, "preemptionPolicy")) ?? "PreemptLowerPriority",
  };
}
