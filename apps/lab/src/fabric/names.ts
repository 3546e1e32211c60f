import type { EniId, InstanceId } from "@slash28/address";

/** Every namespace the lab makes starts with this, so that whatever a crash leaves can be found. */
export function namespacePrefix(lab: string): string {
  return `s28-${lab}-`;
}

/** The namespace that stands for an instance. */
export function instanceNamespace(lab: string, instance: InstanceId): string {
  return `${namespacePrefix(lab)}${instance}`;
}

/** The VPC's router. */
export function routerNamespace(lab: string): string {
  return `${namespacePrefix(lab)}router`;
}

/** What lies beyond the VPC. */
export function internetNamespace(lab: string): string {
  return `${namespacePrefix(lab)}internet`;
}

/** The router's end of an ENI: the kernel allows 15 characters, the id's last 12 are the ones that differ. */
export function routerLink(eni: EniId): string {
  return `e${eni.slice(-12)}`;
}

/** An ENI's link inside its instance, as the instance's operating system would name it. */
export function instanceLink(deviceIndex: number): string {
  return `eth${deviceIndex}`;
}

/** The router's link towards the internet, and its other end. */
export const INTERNET_LINK = "internet";
export const UPLINK = "vpc";
