import type { Journal } from "@slash28/ports";

export declare function createFileJournal(path: string): Journal;
