/** The table of instances that are cut off. It is a table of its own, so that security groups need not know. */
const TABLE = "inet slash28_cut";

/** Ahead of whatever else looks at packets: a cut wire lets nothing through, not even what is established. */
const PRIORITY = -500;

/** nftables text that lets nothing pass through these links of the router, nor be answered there; with none, takes the table away. */
export function cutRules(links: readonly string[]): string {
  const remove = `add table ${TABLE}\ndelete table ${TABLE}\n`;
  if (links.length === 0) return remove;
  const set = links.map((link) => `"${link}"`).join(", ");
  return `${remove}table ${TABLE} {
  chain prerouting {
    type filter hook prerouting priority ${PRIORITY};
    iifname { ${set} } drop
  }
  chain postrouting {
    type filter hook postrouting priority ${PRIORITY};
    oifname { ${set} } drop
  }
}
`;
}
