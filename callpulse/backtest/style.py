"""How the page looks, by day and by night, and the hatches of its pictures."""

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2630; --soft: #5b6875; --grid: #dde3e9; --figure: #1f5fa8;
  --warning: #b07400; --critical: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --paper: #12171d; --ink: #e4eaf0; --soft: #97a4b1; --grid: #2b353f;
  --figure: #7cb5f7; --warning: #e3b341; --critical: #ff7b72; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 16px; }
h1 { font-size: 22px; overflow-wrap: anywhere; } h2 { font-size: 18px; margin: 28px 0 8px; }
h3 { font-size: 16px; margin: 20px 0 4px; overflow-wrap: anywhere; }
ul { margin: 4px 0; padding-left: 56px; } li { overflow-wrap: anywhere; }
p { margin: 4px 0; overflow-wrap: anywhere; } .legend { color: var(--soft); }
.wide, figure { overflow-x: auto; margin: 0; }
table.alerts { min-width: 920px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 14px 4px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--grid); }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td { max-width: 320px; overflow-wrap: break-word; } .right { text-align: right; white-space: nowrap; }
figure svg { display: block; width: 100%; min-width: 720px; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--ink); }
text.name { font-weight: 600; } text.scale { fill: var(--soft); text-anchor: end; }
text.left { text-anchor: start; } text.middle { text-anchor: middle; }
text.mark { font-weight: 700; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
.grid { stroke: var(--grid); } .figure { fill: none; stroke: var(--figure); stroke-width: 1.4; }
.level { stroke-dasharray: 2 4; } .level.critical { stroke-dasharray: 7 3; }
.level.warning { stroke: var(--warning); } .level.critical { stroke: var(--critical); }
.band.warning { fill: url(#one); stroke: var(--warning); } .band.critical { fill: url(#two); stroke: var(--critical); }
.band.quiet { stroke-dasharray: 3 2; }
.shade.warning { fill: var(--warning); fill-opacity: .09; }
.shade.critical { fill: var(--critical); fill-opacity: .14; }
.hatch { fill: none; stroke-width: 1.3; } .hatch.warning { stroke: var(--warning); }
.hatch.critical { stroke: var(--critical); }
.patterns { position: absolute; width: 0; height: 0; }
"""

PATTERNS = (
    '<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>'
    '<pattern id="one" width="7" height="7" patternUnits="userSpaceOnUse">'
    '<path class="hatch warning" d="M-1 1L1 -1M0 7L7 0M6 8L8 6"/></pattern>'
    '<pattern id="two" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<path class="hatch critical" d="M0 0L5 5M0 5L5 0"/></pattern></defs></svg>'
)
