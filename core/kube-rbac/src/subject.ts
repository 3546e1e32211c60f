import { at, textOf } from "@slash28/kube-store";

/** The user name a service account acts under. */
export function serviceAccountUser(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** Groups of every service account of a namespace. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

/** The two parts of a service account's user name; `undefined` when the name is none. */
export function serviceAccountOf(userName: string): { readonly namespace: string; readonly name: string } | undefined {
  const [system, kind, namespace, name, ...more] = userName.split(":");
  const isOne = system === "system" && kind === "serviceaccount" && more.length === 0;
  return isOne && namespace !== undefined && namespace !== "" && name !== undefined && name !== "" ? { namespace, name } : undefined;
}

/** One of those a binding gives its role to. */
export interface Subject {
  /** Under which the book finds it: `u:` and a user name, or `g:` and a group. */
  readonly key: string;
  /** As a reason names it: `User "ann"`, `ServiceAccount "robot/shop"`. */
  readonly text: string;
}

/** `undefined` for a kind that nobody is of. A service account without a namespace is one of its binding's. */
export function subjectOf(subject: unknown, bindingNamespace: string | undefined): Subject | undefined {
  const name = textOf(at(subject, "name")) ?? "";
  switch (at(subject, "kind")) {
    case "User":
      return { key: userKey(name), text: `User ${JSON.stringify(name)}` };
    case "Group":
      return { key: groupKey(name), text: `Group ${JSON.stringify(name)}` };
    case "ServiceAccount": {
      const given = textOf(at(subject, "namespace")) ?? "";
      const namespace = given === "" ? bindingNamespace : given;
      if (namespace === undefined) return undefined;
      return { key: userKey(serviceAccountUser(namespace, name)), text: `ServiceAccount ${JSON.stringify(`${name}/${namespace}`)}` };
    }
    default:
      return undefined;
  }
}

export function userKey(name: string): string {
  return `u:${name}`;
}

export function groupKey(name: string): string {
  return `g:${name}`;
}
