import type { ClusterFile } from "@slash28/cluster-file";
import type { Zone } from "@slash28/vpc";

/** The Region's zones: those the file's subnets name, and in any case the first three. Ids follow EC2's form, `use1-az1`. */
export function zonesOf(file: ClusterFile): readonly Zone[] {
  const named = file.vpc.subnets.map((subnet) => subnet.zone);
  const first = ["a", "b", "c"].map((letter) => `${file.region}${letter}`);
  const short = file.region
    .split("-")
    .map((part, index) => (index === 0 || /^\d$/.test(part) ? part : shorten(part)))
    .join("");
  return [...new Set([...first, ...named])].toSorted().map((name) => ({ name, id: `${short}-az${name.charCodeAt(name.length - 1) - 96}` }));
}

/** `east` is `e`, `southeast` is `se`, `central` is `c`. */
function shorten(direction: string): string {
  const parts = direction.match(/north|south|east|west|central/g) ?? [direction];
  return parts.map((part) => part[0]).join("");
}
