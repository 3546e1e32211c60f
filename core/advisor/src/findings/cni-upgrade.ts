import type { CniVersion } from "@slash28/limits";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { clusterName } from "./cluster-name.ts";
import { ROLLOUT } from "./commands.ts";

const IMAGE = /^(.*\/amazon-k8s-cni)[:@]/;

/** Finds the newest build of a minor version that EKS offers for the cluster: which there are, EKS alone knows. */
function newestBuild({ snapshot }: ClusterView, { major, minor }: CniVersion): string {
  const kubernetes = snapshot.cluster === undefined ? "" : ` --kubernetes-version ${snapshot.cluster.version}`;
  const builds = `addons[0].addonVersions[?starts_with(addonVersion, 'v${major}.${minor}.')].addonVersion | [0]`;
  return `VERSION=$(aws eks describe-addon-versions --addon-name vpc-cni${kubernetes} --query "${builds}" --output text)`;
}

/** Takes the EKS add-on to a minor version, and waits until it is there. */
export function upgradeAddon(view: ClusterView, to: CniVersion): readonly string[] {
  const about = `--cluster-name ${clusterName(view)} --addon-name vpc-cni`;
  return [
    newestBuild(view, to),
    `aws eks update-addon ${about} --addon-version "$VERSION" --resolve-conflicts PRESERVE`,
    `aws eks wait addon-active ${about}`,
  ];
}

/** Takes the VPC CNI to a minor version as it was installed: as an EKS add-on, or as images of a DaemonSet. */
export function upgradeCni(view: ClusterView, to: CniVersion): readonly string[] {
  const images = imagesOf(view);
  if (images.length === 0) return upgradeAddon(view, to);
  const set = images.map(({ container, repository }) => `${container}=${repository}:"$VERSION"`);
  return [newestBuild(view, to), `kubectl set image daemonset aws-node -n kube-system ${set.join(" ")}`, ROLLOUT];
}

/** The DaemonSet's images, where no EKS add-on of the same version stands behind them. */
function imagesOf(view: ClusterView): readonly { readonly container: string; readonly repository: string }[] {
  const addon = view.snapshot.addons?.find(({ name }) => name === "vpc-cni");
  const version = view.cniVersion;
  const isOfAddon =
    addon !== undefined && version !== undefined && addon.version.startsWith(`v${version.major}.${version.minor}.${version.patch}`);
  if (isOfAddon) return [];
  const containers = [...(view.agent?.containers ?? []), ...(view.agent?.initContainers ?? [])];
  return containers.flatMap(({ name, image }) => {
    const repository = IMAGE.exec(image)?.[1] ?? INIT_IMAGE.exec(image)?.[1];
    return repository === undefined ? [] : [{ container: name, repository }];
  });
}

const INIT_IMAGE = /^(.*\/amazon-k8s-cni-init)[:@]/;
