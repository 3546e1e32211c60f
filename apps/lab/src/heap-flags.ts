/**
 * How Node is started for a lab's supervisor, so that what it holds and not its garbage decides how large it is: a young generation of
 * 8 MB (Node's own choice is 16), and an old one that is swept when it has grown by three tenths (V8's own choice is up to fourfold). A
 * running process no longer takes the first.
 */
export const HEAP_FLAGS: readonly string[] = ["--max-semi-space-size=8", "--heap-growing-percent=30"];
