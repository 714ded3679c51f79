"""A PostgreSQL as a careful operator runs it: TLS alone, a certificate of the client's and a password."""

import datetime
import ipaddress
import pathlib
import shutil

import psycopg2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from support import machine
from support.postgres import Postgres

USER, PASSWORD, DATABASE = "o'neil@ml", "p@ss/word:% 'x\\", "ml flow&%"


class SecuredPostgres:
    """`secret` is what an operator would write about the database, `authority` and `client` hold the files of both Secrets."""

    def __init__(self):
        self._server = Postgres()
        folder = machine.scratch("tls")
        authority = Authority()
        self.authority = {"ca.crt": authority.certificate}
        key, certificate = authority.issue("database", ipaddress.ip_address("127.0.0.1"))
        client_key, client_certificate = authority.issue(USER)
        self.client = {"tls.crt": client_certificate, "tls.key": client_key}
        self.secret = {"host": "127.0.0.1", "port": str(self._server.port), "user": USER, "password": PASSWORD, "database": DATABASE}

        statements = ["SET password_encryption = 'scram-sha-256'", "ALTER SYSTEM SET ssl = on"]
        for setting, name, content in (("ssl_key_file", "server.key", key), ("ssl_cert_file", "server.crt", certificate),
                                       ("ssl_ca_file", "ca.crt", authority.certificate)):
            path = folder / name
            path.write_bytes(content)
            path.chmod(0o600)
            if self._server._user:
                shutil.chown(path, self._server._user)
            statements.append(f"ALTER SYSTEM SET {setting} = '{path}'")
        connection = psycopg2.connect(self._server.uri("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute('CREATE ROLE "{}" LOGIN'.format(USER))
            for statement in statements:
                cursor.execute(statement)
            cursor.execute('ALTER ROLE "{}" PASSWORD %s'.format(USER), (PASSWORD,))
            cursor.execute('CREATE DATABASE "{}" OWNER "{}"'.format(DATABASE.replace("%", "%%"), USER), ())
            cursor.execute("SHOW hba_file")
            pathlib.Path(cursor.fetchone()[0]).write_text(
                f"host all {Postgres.USER} 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-full\n")
            cursor.execute("SELECT pg_reload_conf()")
        connection.close()

    def stop(self):
        self._server.stop()


class Authority:
    """A certificate authority of one's own; `certificate` is what others trust."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "company")])
        made = self._build(self._name, self._key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.certificate = _pem(made.sign(self._key, hashes.SHA256()))

    def issue(self, name, address=None):
        """Key and certificate for a name, and an address."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._build(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), key)
        if address:
            made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(address)]), critical=False)
        kept = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return kept, _pem(made.sign(self._key, hashes.SHA256()))

    def _build(self, subject, key):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
                .not_valid_after(now + datetime.timedelta(days=2)))


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)
