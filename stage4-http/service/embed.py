#!/usr/bin/env python3
"""Turns welcome.html into a C source file: embed.py INPUT OUTPUT."""
import sys

source, target = sys.argv[1:3]
with open(source, "rb") as file:
    content = file.read()
rows = [content[i : i + 16] for i in range(0, len(content), 16)]
with open(target, "w", encoding="ascii") as file:
    file.write('#include "welcome_page.h"\n\nconst unsigned char welcome_page[] = {\n')
    for row in rows:
        file.write("    " + ", ".join(str(byte) for byte in row) + ",\n")
    file.write("};\nconst size_t welcome_page_length = sizeof welcome_page;\n")
