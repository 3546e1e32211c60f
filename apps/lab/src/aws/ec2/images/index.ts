export { describeImages } from "./describe-images.ts";
