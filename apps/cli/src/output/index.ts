export { csvText } from "./csv.ts";
export { CommandError, usageError } from "./command-error.ts";
export { prepareOutputFile, type OutputFile } from "./output-file.ts";
export { printResult } from "./print.ts";
export { renderTable, type Column } from "./table.ts";
export { OUTPUT_FORMATS, processTerminal, type OutputFormat, type Terminal } from "./terminal.ts";
