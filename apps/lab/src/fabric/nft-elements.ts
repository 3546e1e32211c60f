/** A set or map as nft reads it: the head with its opening brace, then the elements if there are any. */
export function elements(head: string, items: readonly string[]): string {
  return items.length === 0 ? `${head} }` : `${head} elements = { ${items.join(", ")} }; }`;
}
