"""Packs files into a zip archive whose bytes depend only on its input: pack.py ARCHIVE FILE=ENTRY...

The first file is the executable. The time of every entry is SOURCE_DATE_EPOCH, in UTC.
"""

import os
import sys
import time
import zipfile

EXECUTABLE = 0o100755
TEXT = 0o100644
UNIX = 3


def main(archive, files):
    moment = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for position, argument in enumerate(files):
            # An entry has no "=", but a path may.
            path, _, name = argument.rpartition("=")
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Windows would otherwise leave out the mode.
            entry.create_system = UNIX
            entry.external_attr = (EXECUTABLE if position == 0 else TEXT) << 16
            with open(path, "rb") as file:
                packed.writestr(entry, file.read())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
