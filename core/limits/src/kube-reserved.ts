/** What EKS node images keep for kubelet and the runtime. */
export interface KubeReserved {
  readonly memoryMiB: number;
  readonly cpuMillicores: number;
  readonly ephemeralStorageGiB: number;
}

/** Share of each core that is reserved: the cores a band ends at, and per mille of a core. */
const CPU_BANDS = [
  { upTo: 1, share: 60 },
  { upTo: 2, share: 10 },
  { upTo: 4, share: 5 },
  { upTo: Number.POSITIVE_INFINITY, share: 2.5 },
] as const;

/**
 * The reservation of EKS's Linux images: memory 11 MiB per pod + 255, CPU by bands of cores, truncated per band. AL2 and AL2023 reserve for the number in
 * their own table, uncapped, whatever max pods is set to; Bottlerocket for the effective one. Pass the number that applies.
 */
export function kubeReservedOf(maxPods: number, vcpus: number): KubeReserved {
  let cpuMillicores = 0;
  let from = 0;
  for (const band of CPU_BANDS) {
    const cores = Math.max(0, Math.min(vcpus, band.upTo) - from);
    cpuMillicores += Math.floor(cores * band.share);
    from = band.upTo;
  }
  return { memoryMiB: 11 * maxPods + 255, cpuMillicores, ephemeralStorageGiB: 1 };
}
