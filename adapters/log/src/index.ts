export { createJsonLog, stdoutNow, type JsonLogOptions, type LogStream } from "./json-log.ts";
