// The style of the page: light and dark, wide and narrow, screen and paper.
#include "report/html/page.h"

namespace batchwise {

const char* page_style() {
  return R"css(:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1b1e23; --soft: #5a616b; --rule: #e3e3de; --grid: #ecece7; --tint: #f1f4f7;
  --accent: #0b63a5; --warn: #8a4b00; --warn-tint: #fff4e2;
  --c0: #0b6fb8; --c1: #cf5316; --c2: #0b8a63; --c3: #b44b8c; --c4: #a87400; --c5: #4fa3d9; --c6: #7b8089; --c7: #6a4fb0;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) {
    --paper: #14171b; --card: #1b1f25; --ink: #e8eaed; --soft: #a4abb5; --rule: #2d333b; --grid: #272c33; --tint: #222831;
    --accent: #7cc0f5; --warn: #f3c27a; --warn-tint: #33291a;
    --c0: #58b0ee; --c1: #ff935a; --c2: #45c99d; --c3: #e58fc4; --c4: #e3b341; --c5: #9bd5fa; --c6: #a3a9b3; --c7: #b09cf0;
  }
}
:root[data-theme="dark"] {
  color-scheme: dark;
  --paper: #14171b; --card: #1b1f25; --ink: #e8eaed; --soft: #a4abb5; --rule: #2d333b; --grid: #272c33; --tint: #222831;
  --accent: #7cc0f5; --warn: #f3c27a; --warn-tint: #33291a;
  --c0: #58b0ee; --c1: #ff935a; --c2: #45c99d; --c3: #e58fc4; --c4: #e3b341; --c5: #9bd5fa; --c6: #a3a9b3; --c7: #b09cf0;
}
:root[data-theme="light"] { color-scheme: light; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto,
  "Noto Sans", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
.page { max-width: 1120px; margin: 0 auto; padding: 28px 24px 48px; }
.skip { position: absolute; left: -999px; background: var(--card); color: var(--accent); padding: 8px 14px; z-index: 9; }
.skip:focus { left: 12px; top: 12px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h1 { font-size: clamp(1.5rem, 4.5vw, 2.1rem); line-height: 1.2; letter-spacing: -.015em; margin: .15em 0 .3em; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; letter-spacing: -.01em; margin: 0 0 .7em; }
h3 { font-size: 1rem; margin: 0; } .grid + h3 { margin: 22px 0 10px; }
p { margin: 0 0 .7em; max-width: 72ch; }
a { color: var(--accent); }
.top { display: flex; justify-content: space-between; align-items: center; gap: 12px; min-height: 34px; }
.kind { color: var(--soft); font-size: .85rem; letter-spacing: .02em; margin: 0; }
button { font: inherit; font-size: .85rem; color: var(--ink); background: var(--card); border: 1px solid var(--rule); border-radius: 999px;
  padding: 4px 14px; cursor: pointer; }
.state { display: inline-block; font-size: .9rem; padding: 2px 12px; border-radius: 999px; background: var(--tint); color: var(--soft); }
.state.open { background: var(--warn-tint); color: var(--warn); }
.troubles { background: var(--warn-tint); color: var(--warn); border-radius: 10px; padding: 12px 18px; margin: 0 0 18px; }
.troubles p { margin: 0; font-weight: 600; } .troubles ul { margin: 4px 0 0; padding-left: 20px; overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 1px; margin: 6px 0 0; padding: 1px;
  background: var(--rule); border-radius: 12px; overflow: hidden; }
.facts div { background: var(--card); padding: 12px 16px; flex: 1 1 150px; }
dt { color: var(--soft); font-size: .8rem; } dd { margin: 0; font-size: 1.2rem; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; }
dd small { display: block; font-size: .78rem; font-weight: 400; color: var(--soft); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 22px 0 8px; padding: 0 0 12px; border-bottom: 1px solid var(--rule); }
nav a { text-decoration: none; font-size: .92rem; } nav a:hover { text-decoration: underline; }
section { padding: 22px 0 10px; scroll-margin-top: 8px; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 20px; }
figure { margin: 0 0 20px; background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 16px 18px 12px; min-width: 0;
  break-inside: avoid; }
.grid figure { margin: 0; }
figcaption p { color: var(--soft); font-size: .9rem; margin: 2px 0 0; }
.views { margin-top: 8px; }
.views > input { position: absolute; opacity: 0; pointer-events: none; }
.views > label { display: inline-block; font-size: .82rem; color: var(--soft); padding: 2px 10px; margin: 0 4px 2px 0; border: 1px solid var(--rule);
  border-radius: 999px; cursor: pointer; }
.views > input:checked + label { color: var(--card); background: var(--accent); border-color: var(--accent); }
.views > input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }
.views > input ~ .view { display: none; }
.views > input:nth-of-type(1):checked ~ .view:nth-of-type(1), .views > input:nth-of-type(2):checked ~ .view:nth-of-type(2),
.views > input:nth-of-type(3):checked ~ .view:nth-of-type(3), .views > input:nth-of-type(4):checked ~ .view:nth-of-type(4),
.views > input:nth-of-type(5):checked ~ .view:nth-of-type(5), .views > input:nth-of-type(6):checked ~ .view:nth-of-type(6) { display: block; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; list-style: none; margin: 8px 0 0; padding: 0; font-size: .84rem; color: var(--soft); }
.legend svg { vertical-align: baseline; margin-right: 3px; }
.plot { padding: 30px 12px 46px 62px; position: relative; }
svg.chart { display: block; overflow: visible; touch-action: pan-y; }
svg.chart text { font-size: 12px; fill: var(--soft); }
svg.chart text.title { font-size: 11.5px; } svg.chart text.mark { fill: var(--ink); font-size: 11.5px; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
line.grid { stroke: var(--grid); } line.axis { stroke: var(--soft); stroke-opacity: .6; }
line.mark { stroke: var(--ink); stroke-dasharray: 2 4; stroke-opacity: .65; } rect.mark { fill: var(--ink); fill-opacity: .06; }
.c0 { --s: var(--c0); } .c1 { --s: var(--c1); } .c2 { --s: var(--c2); } .c3 { --s: var(--c3); } .c4 { --s: var(--c4); } .c5 { --s: var(--c5); }
.c6 { --s: var(--c6); } .c7 { --s: var(--c7); }
.line { fill: none; stroke: var(--s); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.line.dashed { stroke-dasharray: 5 5; } .line.faint { stroke-width: 1.2; stroke-opacity: .5; } .legend .line.faint { stroke-width: 2; stroke-opacity: 1; } .band { fill: var(--s); fill-opacity: .16; }
.dot { fill: var(--s); stroke: var(--card); stroke-width: 1; } .dot.faint { fill-opacity: .4; }
.whisker { stroke: var(--s); stroke-width: 2; stroke-opacity: .55; } .whisker.faint { stroke-opacity: .25; }
.area { fill: var(--s); fill-opacity: .82; stroke: var(--card); stroke-width: .6; vector-effect: non-scaling-stroke; }
.hit { fill: transparent; } .hit:hover { fill: var(--ink); fill-opacity: .05; }
.cursor line { stroke: var(--ink); stroke-opacity: .5; } .cursor circle { stroke: var(--card); stroke-width: 1.5; fill: var(--s, var(--ink)); }
svg.bars { display: block; margin: 12px 0 4px; } svg.bars text { font-size: 13.5px; fill: var(--ink); } svg.bars text.value { fill: var(--soft); }
.rail { fill: var(--tint); } .bar { fill: var(--s); }
details { border-top: 1px solid var(--rule); padding-top: 6px; font-size: .88rem; } summary { color: var(--soft); cursor: pointer; }
.table { overflow-x: auto; margin: 6px 0 16px; } details .table { max-height: 420px; overflow-y: auto; margin-bottom: 4px; }
table { border-collapse: collapse; font-size: .86rem; width: 100%; } caption { text-align: left; color: var(--soft); padding: 2px 0 6px; }
th, td { text-align: right; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--grid); font-weight: 400; vertical-align: top; } .short { white-space: nowrap; }
th:first-child { text-align: left; } thead th { color: var(--soft); font-size: .8rem; white-space: normal; }
table.words td, table.words th { text-align: left; white-space: normal; overflow-wrap: anywhere; } table.words th:first-child { color: var(--soft); } table.words th:first-child:nth-last-child(2) { width: 30%; } table.words .short { overflow-wrap: normal; white-space: nowrap; }
tr.chosen { background: var(--tint); } tr.chosen th, tr.chosen td { font-weight: 600; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: .84rem/1.55 ui-monospace, "SFMono-Regular", "DejaVu Sans Mono", Menlo, monospace; background: var(--card);
  border: 1px solid var(--rule); border-radius: 12px; padding: 14px 16px; margin: 0 0 20px; }
.advice { background: var(--card); border: 1px solid var(--rule); border-left: 4px solid var(--accent); border-radius: 4px 12px 12px 4px; padding: 18px 22px; margin: 0 0 20px; }
.advice .choice { font-size: 1.35rem; font-weight: 650; margin: 0 0 .4em; letter-spacing: -.01em; } .advice ul { margin: 0 0 .8em; padding-left: 20px; }
.none { color: var(--soft); padding: 12px 0; } footer { color: var(--soft); font-size: .85rem; border-top: 1px solid var(--rule); margin-top: 20px; padding-top: 12px; }
#tip { position: absolute; pointer-events: none; z-index: 5; background: var(--ink); color: var(--paper); border-radius: 8px; padding: 7px 11px; font-size: .82rem;
  line-height: 1.45; white-space: pre-line; max-width: min(340px, 90vw); box-shadow: 0 4px 18px rgb(0 0 0 / .2); }
@media (max-width: 560px) {
  .page { padding: 16px 12px 32px; } figure { padding: 12px 12px 8px; } .plot { padding-left: 54px; padding-right: 4px; } text.spare { display: none; }
  .facts div { flex-basis: 40%; } dd { font-size: 1.05rem; } .advice { padding: 14px 16px; } svg.chart text.title[x="-50"] { transform: translateX(4px); }
}
@media print {
  :root, :root[data-theme] { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #ccc; --grid: #e5e5e5; --tint: #f4f4f4; color-scheme: light;
    --c0: #0b6fb8; --c1: #cf5316; --c2: #0b8a63; --c3: #b44b8c; --c4: #a87400; --c5: #4fa3d9; --c6: #7b8089; --c7: #6a4fb0; --accent: #0b63a5; }
  body { font-size: 11pt; } .page { max-width: none; padding: 0; } nav, #theme, #tip, .skip, details:not([open]) { display: none; }
  .views > input:not(:checked) + label { display: none; } .views > input:checked + label { color: var(--soft); background: none; border: 0; padding-left: 0; }
  .table { max-height: none; overflow: visible; } th, td { white-space: normal; padding-right: 8px; } table { font-size: 8pt; } .grid { grid-template-columns: 1fr 1fr; gap: 10px; } caption, thead { break-after: avoid; } tr { break-inside: avoid; } section { padding: 10px 0; } h2 { break-after: avoid; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
)css";
}

}  // namespace batchwise
