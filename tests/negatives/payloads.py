"""Sixty ways to write a program into a text; whichever runs calls `canary` with its number, and marks are `planted`."""

from __future__ import annotations

_ELEMENTS = r"""
<script class=planted>canary(§)</script>
<ScRiPt class=planted>canary(§)</sCrIpT >
<script class=planted src=data:,canary(§)></script>
<script class=planted type=module>canary(§)</script>
<scr<script class=planted>ipt>canary(§)</scr</script>ipt>
<img class=planted src=x onerror=canary(§)>
<img class=planted src=x onerror='canary(§)'//
<img/src="x"/onerror=canary(§) class=planted>
<svg class=planted onload=canary(§)>
<svg class=planted><animate onbegin=canary(§) attributeName=x dur=1s>
<svg class=planted><script>canary(§)</script></svg>
<svg class=planted><a href="javascript:canary(§)"><text>x</text></a></svg>
<math class=planted><a xlink:href="javascript:canary(§)">x</a></math>
<iframe class=planted srcdoc="<script>parent.canary(§)</script>"></iframe>
<iframe class=planted src="javascript:parent.canary(§)"></iframe>
<object class=planted data="data:text/html,<script>canary(§)</script>"></object>
<embed class=planted src="javascript:canary(§)">
<body class=planted onload=canary(§)>
<input class=planted autofocus onfocus=canary(§)>
<select class=planted autofocus onfocus=canary(§)></select>
<details class=planted open ontoggle=canary(§)>x</details>
<video class=planted><source onerror=canary(§)></video>
<audio class=planted src=x onerror=canary(§)></audio>
<marquee class=planted onstart=canary(§)>x</marquee>
<a class=planted href="javascript:canary(§)">x</a>
<a class=planted href="java&#10;script:canary(§)">x</a>
<form class=planted action="javascript:canary(§)"><button>x</button></form>
<button class=planted form=x formaction=javascript:canary(§)>x</button>
<meta class=planted http-equiv=refresh content="0;url=javascript:canary(§)">
<base class=planted href="//canary§.invalid/">
<link class=planted rel=stylesheet href="//canary§.invalid/x.css">
<style class=planted>*{background:url(//canary§.invalid/)}</style>
<div class=planted style="background:url(//canary§.invalid/)">x</div>
<div class=planted hx-on:load="canary(§)" hx-get="/customers" hx-trigger=load>x</div>
<div class=planted hx-get="/x" hx-trigger="load[canary(§)]" hx-vals="js:{x:canary(§)}">x</div>
<template class=planted><script>canary(§)</script></template>
<noscript><p class=planted title="</noscript><img src=x onerror=canary(§)>">
<isindex class=planted type=image src=x onerror=canary(§)>
<p class=planted onpointerenter=canary(§) onmouseover=canary(§)>x
<!--><img class=planted src=x onerror=canary(§)>-->
<![CDATA[><img class=planted src=x onerror=canary(§)>]]>
<?xml ?><img class=planted src=x onerror=canary(§)>
"""
_ENDS = r"""
</title><script class=planted>canary(§)</script>
</textarea><img class=planted src=x onerror=canary(§)>
</script><script class=planted>canary(§)</script>
</style><img class=planted src=x onerror=canary(§)>
</select><img class=planted src=x onerror=canary(§)>
</option></select></td></table><img class=planted src=x onerror=canary(§)>
"><img class=planted src=x onerror=canary(§)>
'><img class=planted src=x onerror=canary(§)>
" autofocus onfocus=canary(§) class="planted
' autofocus onfocus=canary(§) class='planted
` onerror=canary(§) class=planted `
"><svg/onload=canary(§) class=planted>
\"><img class=planted src=x onerror=canary(§)>
\u003cimg class=planted src=x onerror=canary(§)\u003e
&lt;img class=planted src=x onerror=canary(§)&gt;
%3Cimg class=planted src=x onerror=canary(§)%3E
"-canary(§)-"';canary(§)//${canary(§)}{{canary(§)}}
javascript:/*--></title></style></textarea></script><svg/onload=canary(§) class=planted>
"""
PAYLOADS = tuple(line for line in (_ELEMENTS + _ENDS).splitlines() if line)


def payload(number: int) -> str:
    """The payload of a row, with the row's number in it: what ran, and what is shown, can be told apart."""
    return PAYLOADS[number % len(PAYLOADS)].replace("§", str(number))
