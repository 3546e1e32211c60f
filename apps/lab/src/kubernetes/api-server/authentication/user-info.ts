import type { Fields } from "@slash28/kube-store";

import type { Identity } from "../face.ts";

/** An identity as reviews and webhooks are told of it (`authentication.k8s.io/v1` UserInfo). */
export function userInfoOf({ name, uid, groups, extra }: Identity): Fields {
  return { username: name, ...(uid === undefined ? {} : { uid }), groups, ...(extra === undefined ? {} : { extra }) };
}
