export { removeLab, type Removed } from "./remove-lab.ts";
