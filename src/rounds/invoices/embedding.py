"""Makes a PDF/A-3 that holds an electronic invoice into a Factur-X: it is declared in the document's metadata.

typst attaches the XML as it prints, but cannot declare it. The declaration is a new version of the metadata, appended
as PDF provides for changes (ISO 32000-1, 7.5.6): nothing before it moves, so it takes no time, and the structure for
reading aloud stays; the same document gives the same bytes.
"""

import re

NAME = "factur-x.xml"
SPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
TOLD = {
    "DocumentFileName": (NAME, "The name of the embedded XML document"),
    "DocumentType": ("INVOICE", "The type of the hybrid document"),
    "Version": ("1.0", "The version of the standard of the embedded XML document"),
    "ConformanceLevel": ("EN 16931", "The conformance level of the embedded XML document"),
}
_METADATA = re.compile(rb"(\d+) 0 obj\n<</Length (\d+)/Type/Metadata/Subtype/XML>>\nstream\n")
_TRAILER = re.compile(rb"trailer\n<<(.*)>>\nstartxref\n(\d+)\n%%EOF\s*$", re.DOTALL)


def declare(pdf: bytes) -> bytes:
    """Declare the XML that a PDF of typst's has attached."""
    metadata, trailer = _METADATA.search(pdf), _TRAILER.search(pdf)
    if metadata is None or trailer is None or f"({NAME})".encode() not in pdf:
        raise ValueError("this is not a PDF as typst writes it, with an invoice attached")
    number, end = int(metadata[1]), metadata.end() + int(metadata[2])
    told = _declared(pdf[metadata.end() : end].decode()).encode()
    begins = len(pdf) + 1
    head = f"\n{number} 0 obj\n<</Length {len(told)}/Type/Metadata/Subtype/XML>>\nstream\n".encode()
    body = head + told + b"\nendstream\nendobj\n"
    entries = f"xref\n{number} 1\n{begins:010d} 00000 n\r\ntrailer\n<<".encode()
    before = b"/Prev " + trailer[2]
    return pdf + body + entries + trailer[1] + before + b">>\nstartxref\n%d\n%%%%EOF\n" % (len(pdf) + len(body))


def _declared(metadata: str) -> str:
    """Add to the metadata what is declared, and the schema that PDF/A asks for with names of one's own."""
    properties = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{about}</pdfaProperty:description>"
        f"<pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType></rdf:li>"
        for name, (_value, about) in TOLD.items()
    )
    schema = (
        '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
        f"<pdfaSchema:namespaceURI>{SPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property></rdf:li>"
    )
    values = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _about) in TOLD.items())
    told = f'<rdf:Description rdf:about="" xmlns:fx="{SPACE}">{values}</rdf:Description>'
    bag, end = "</rdf:Bag></pdfaExtension:schemas>", "</rdf:RDF>"
    if bag not in metadata or end not in metadata:
        raise ValueError("the PDF's metadata has no place for a declaration")
    return metadata.replace(bag, schema + bag).replace(end, told + end)
