"""The metadata packet (XMP) of a headshot: IPTC's fields for how a picture was made.

Only facts about the making go in. IPTC also has fields for the prompt and its writer: they are
personal, and never written. The packet asks data miners to leave the picture alone (PLUS).
"""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from bot.disclosure import Disclosure

IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
NO_MINING = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"

_LARGEST = 65_000
"""Bytes; a packet fits into one segment of a JPEG."""
_ENTITIES = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def packet(disclosure: Disclosure) -> bytes:
    """The packet as it stands in a file; equal in, equal out."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{IPTC}" xmlns:dc="{DC}"'
        f' xmlns:plus="{PLUS}"'
        f" Iptc4xmpExt:DigitalSourceType={quoteattr(disclosure.uri)}"
        f" Iptc4xmpExt:AISystemUsed={quoteattr(disclosure.system)}"
        f' plus:DataMining="{NO_MINING}">'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(disclosure.said)}'
        "</rdf:li></rdf:Alt></dc:description>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def fields(xmp: bytes) -> dict[str, str]:
    """What a packet of anybody's says, by the names that `packet` uses; empty if unreadable.

    A property may be an attribute or an element: both are XMP.
    """
    if len(xmp) > _LARGEST or _ENTITIES.search(xmp):
        return {}
    try:
        # Without a DTD there is nothing to expand, and the size is bounded above.
        root = ElementTree.fromstring(xmp.decode("utf-8", "strict").strip("\0"))  # noqa: S314
    except (ElementTree.ParseError, UnicodeDecodeError, ValueError):
        return {}
    wanted = {
        "DigitalSourceType": f"{{{IPTC}}}DigitalSourceType",
        "AISystemUsed": f"{{{IPTC}}}AISystemUsed",
        "description": f"{{{DC}}}description",
        "DataMining": f"{{{PLUS}}}DataMining",
    }
    found: dict[str, str] = {}
    for one in root.iter(f"{{{RDF}}}Description"):
        for name, tag in wanted.items():
            element = one.find(tag)
            text = "".join(element.itertext()) if element is not None else one.get(tag, "")
            if text.strip():
                found[name] = text.strip()
    return found
