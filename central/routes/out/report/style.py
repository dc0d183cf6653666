"""How the report looks, on a screen and on A4."""

STYLE = """
@page { size: A4; margin: 14mm 12mm; }
* { box-sizing: border-box; }
body { font: 12px/1.45 "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", system-ui, sans-serif;
  color: #111; background: #fff; max-width: 190mm; margin: 0 auto; padding: 8px; }
h1 { font-size: 20px; margin: 0 0 4px; } h2 { font-size: 15px; margin: 16px 0 6px;
  border-bottom: 1.5px solid #111; break-after: avoid; }
header p { margin: 0; color: #333; }
figure { margin: 0; break-inside: avoid; } figure > svg { display: block; width: 100%; }
figcaption { display: flex; flex-wrap: wrap; gap: 2px 14px; margin-top: 4px; font-size: 11px; }
.key { width: 36px; height: 8px; vertical-align: middle; }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; } tr { break-inside: avoid; }
th, td { text-align: left; vertical-align: top; word-break: keep-all;
  padding: 3px 5px; border-bottom: 1px solid #ccc; }
th { font-size: 11px; border-bottom-color: #111; }
td small { display: block; color: #444; font-size: 10.5px; overflow-wrap: anywhere; }
td img { display: block; max-width: 64px; max-height: 110px; }
td ul, td ol { margin: 0; padding-left: 14px; } td p { margin: 3px 0 0; font-weight: 600; }
.OBSERVED { color: #146b2e; } .UNOBSERVED { color: #1a5296; } .COVERAGE_GAP { color: #8f5a00; }
.CONTRADICTION { color: #b51f2a; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 14px; margin: 0; }
dt { font-weight: 600; } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { body { padding: 0; max-width: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
