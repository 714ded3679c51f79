"""A name server that knows what it is told, and nothing else."""

import socket
import threading


class NameServer:
    """Answers for IPv4 addresses on an address of this machine's own; resolvers always ask port 53, which takes root."""

    ADDRESS = "127.0.53.1"

    def __init__(self, **addresses):
        self._addresses = {name.replace("_", "."): address for name, address in addresses.items()}
        self.asked = set()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.ADDRESS, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        self._socket.close()

    def _serve(self):
        while True:
            try:
                question, client = self._socket.recvfrom(512)
                self._socket.sendto(self._answer(question), client)
            except OSError:
                return

    def _answer(self, question):
        """RFC 1035: the question again, and one record when it is for an address that is known."""
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]].decode())
            at += 1 + question[at]
        asked, kind = question[12 : at + 5], int.from_bytes(question[at + 1 : at + 3])
        name = ".".join(labels).lower()
        self.asked.add(name)
        address = self._addresses.get(name)
        record = b""
        if address and kind == 1:
            record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + socket.inet_aton(address)
        code = b"\x81\x80" if address else b"\x81\x83"
        counts = b"\x00\x01" + (b"\x00\x01" if record else b"\x00\x00") + b"\x00\x00\x00\x00"
        return question[:2] + code + counts + asked + record
