/** The report's style sheet. Colours are named by what they stand for; every text has a contrast of at least 4.5 to what is behind it, in both themes. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--text:#1b1f24;--soft:#57606a;--rule:#d8dce1;--grid:#e8ebee;
--assigned:#2f6fde;--idle:#f2a93b;--cooling:#8b5fd3;--other:#9aa4b0;--late:#d9662b;--throttled:#c8372d;--calls:#6b93d6;
--free:#e9ecef;--some:#a5dcd8;--all:#0f8f88;--mixed:#b79ae0;--some-other:#c3c9d0;--all-other:#77818d;--reserved:#bfe3cb;
--good:#146c2e;--good-back:#e6f4ea;--warning:#8a5a00;--warning-back:#fdf3dc;--bad:#b3261e;--bad-back:#fdeaea}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--card:#1d2126;--text:#e8eaed;--soft:#a4adb8;--rule:#3a414a;--grid:#2c323a;
--assigned:#5a92f2;--idle:#dc9a34;--cooling:#a583e6;--other:#6f7a87;--late:#e08a55;--throttled:#f2665c;--calls:#4f79c0;
--free:#2d333b;--some:#245f5c;--all:#35b3ab;--mixed:#7d62ad;--some-other:#4a525c;--all-other:#8b95a1;--reserved:#2f5a40;
--good:#5fcf80;--good-back:#16301f;--warning:#eebf5a;--warning-back:#352a12;--bad:#ff8f87;--bad-back:#3a1a1a}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1200px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:24px;line-height:1.25;margin:0;overflow-wrap:anywhere}
h2{font-size:18px;margin:36px 0 4px}
p{margin:6px 0}
.soft,.note{color:var(--soft)}
.note{max-width:75ch}
.verdict{margin:18px 0;padding:16px 20px;border-radius:10px;border-left:6px solid}
.verdict p{margin:4px 0;max-width:95ch;overflow-wrap:anywhere}
.verdict .headline{font-size:18px;font-weight:650;margin-bottom:8px}
.verdict.good{background:var(--good-back);border-color:var(--good)}.verdict.good .headline{color:var(--good)}
.verdict.warning{background:var(--warning-back);border-color:var(--warning)}.verdict.warning .headline{color:var(--warning)}
.verdict.bad{background:var(--bad-back);border-color:var(--bad)}.verdict.bad .headline{color:var(--bad)}
.tiles{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,minmax(min(100%,230px),1fr));margin:0}
.tiles div{background:var(--card);border-radius:10px;padding:12px 14px}
.tiles dt{color:var(--soft);font-size:13px}
.tiles dd{margin:0}.tiles .value{font-size:24px;font-weight:650;line-height:1.3;font-variant-numeric:tabular-nums}
.cards{display:grid;gap:14px;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));margin-top:12px;align-items:start}
figure{margin:0;background:var(--card);border-radius:10px;padding:14px;min-width:0}
figcaption{color:var(--soft);font-size:13px;line-height:1.45;margin-bottom:8px;overflow-wrap:anywhere}
figcaption b{color:var(--text);font-size:15px}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--soft);font-size:11px;font-family:inherit}
.grid{stroke:var(--grid)}.axis{stroke:var(--rule)}
.limit{stroke:var(--text);stroke-width:1.2;stroke-dasharray:5 3}
.mark{stroke-width:1.4}.mark.exhaustion{stroke:var(--bad)}.mark.change{stroke:var(--soft);stroke-dasharray:2 3}
.fill-other{fill:var(--other);background:var(--other)}.fill-assigned{fill:var(--assigned);background:var(--assigned)}
.fill-cooling{fill:var(--cooling);background:var(--cooling)}.fill-idle{fill:var(--idle);background:var(--idle)}
.fill-late{fill:var(--late);background:var(--late)}.fill-calls{fill:var(--calls);background:var(--calls)}
.fill-throttled{fill:var(--throttled);background:var(--throttled)}
.line-waiting{fill:none;stroke:var(--text);stroke-width:2}.stroke-waiting{background:var(--text)}
.line-run{fill:none;stroke-width:1.8}${["assigned", "late", "all", "cooling", "throttled", "other"]
  .map((colour, at) => `.line-run-${at}{stroke:var(--${colour})}.stroke-run-${at}{background:var(--${colour})}`)
  .join("")}
.cell-free{fill:var(--free);background:var(--free)}.cell-prefix{fill:var(--assigned);background:var(--assigned)}
.cell-warm-prefix{fill:var(--idle);background:var(--idle)}.cell-some{fill:var(--some);background:var(--some)}
.cell-all{fill:var(--all);background:var(--all)}.cell-mixed{fill:var(--mixed);background:var(--mixed)}
.cell-some-other{fill:var(--some-other);background:var(--some-other)}.cell-all-other{fill:var(--all-other);background:var(--all-other)}
.cell-reserved{fill:var(--reserved);background:var(--reserved)}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;color:var(--soft);font-size:13px;margin:8px 0 0}.legend span{white-space:nowrap}
.key{display:inline-block;width:12px;height:12px;border-radius:3px;margin:0 5px 0 0;vertical-align:-1px}
.key.stroke-waiting,.key.stroke-bad,.key.stroke-soft,.key[class*=stroke-run]{height:3px;vertical-align:3px}.stroke-bad{background:var(--bad)}.stroke-soft{background:var(--soft)}
.when{font-size:13px;margin:10px 0 4px}.said{font-size:13px;color:var(--soft);margin:4px 0 0}
.wide{overflow-x:auto;background:var(--card);border-radius:10px;margin-top:12px}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:7px 12px;text-align:right;white-space:nowrap}
th{color:var(--soft);font-weight:600;font-size:13px;border-bottom:1px solid var(--rule);vertical-align:bottom}
tr+tr td{border-top:1px solid var(--grid)}
th:first-child,td:first-child,.text{text-align:left}
.story td:last-child{white-space:normal;text-align:left;width:100%;overflow-wrap:anywhere}
.story td:first-child{vertical-align:top;color:var(--soft)}
.story .exhaustion td:last-child{color:var(--bad);font-weight:600}
dl.words{display:grid;grid-template-columns:minmax(90px,auto) 1fr;gap:4px 16px;max-width:95ch}
dl.words dt{font-weight:600}dl.words dd{margin:0;color:var(--soft)}
@media (max-width:480px){main{padding:16px 12px 32px}figure{padding:12px}.tiles{grid-template-columns:1fr 1fr}.tiles .value{font-size:20px}.verdict{padding:12px 14px}dl.words{grid-template-columns:1fr}dl.words dd{margin-bottom:6px}}
@media print{body{background:#fff}figure,.tiles div,.wide{break-inside:avoid;border:1px solid var(--rule)}}
`;
