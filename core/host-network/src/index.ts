export type { PodWiring, EniWiring, HostWiring, SnatSettings } from "./pod-wiring.ts";
