"""KServe's storage initializer as its image starts it. Run with the Python of the kserve environment:

    python initializer.py URI FOLDER [URI FOLDER …]
"""

import sys

from kserve_storage import Storage

if __name__ == "__main__":
    for uri, folder in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        Storage.download(uri, folder)
