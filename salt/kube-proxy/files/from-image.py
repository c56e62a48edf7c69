#!/usr/bin/python3
"""Takes one program out of an image archive: where a server tarball has it only there. Use: from-image ARCHIVE PROGRAM TO"""
import json
import os
import shutil
import sys
import tarfile

archive, program, to = sys.argv[1:]
with tarfile.open(archive) as image:
    layers = json.load(image.extractfile("manifest.json"))[0]["Layers"]
    for layer in reversed(layers):
        with tarfile.open(fileobj=image.extractfile(layer), mode="r|*") as files:
            for entry in files:
                if entry.isfile() and os.path.basename(entry.name) == program:
                    with open(to + ".new", "wb") as out:
                        shutil.copyfileobj(files.extractfile(entry), out, 1 << 20)
                    os.chmod(to + ".new", 0o755)
                    os.replace(to + ".new", to)
                    sys.exit()
sys.exit(f"{archive} holds no {program}")
