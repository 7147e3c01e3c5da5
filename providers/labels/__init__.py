"""The AI label in a file: a metadata packet (XMP) and a signed record (Content Credentials).

`packet` says what is written, `embedding` puts it into a file without touching a pixel,
`signing` adds the signed record, last, and reads one, `certificates` is whose signature it is,
`labeller` is the port, `reading` puts what a file says into plain words.
"""
