export { NO_STATE, type KeptDocument, type StateStore } from "./kept-document.ts";
