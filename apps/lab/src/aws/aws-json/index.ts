export { createJsonService, type JsonServiceOptions } from "./json-service.ts";
