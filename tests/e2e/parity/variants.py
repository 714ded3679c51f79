"""The ways in which the servers are started, and which rooms are compared in each."""

import dataclasses

API = "/api/2.0/mlflow/"
AJAX = "/ajax-api/2.0/mlflow/"


@dataclasses.dataclass(frozen=True)
class Variant:
    name: str
    rooms: tuple  # empty: all but the special ones
    root: str = API
    prefix: str = ""
    flags: tuple = ()
    servers: str = ""  # the variant whose servers are used; its own by default
    backends: tuple = ("sqlite", "postgres")
    s3: bool = False

    @property
    def pair(self):
        return self.servers or self.name

    @property
    def mark(self):
        """What sets the names of this variant's cases apart from those that the same servers have played already."""
        return f"{self.name} " if self.servers else ""


# Rooms that need particular flags and are left out of the plain variant.
SPECIAL = ("s3_proxied", "s3_direct", "unserved")

VARIANTS = (
    Variant("plain", ()),
    Variant("ajax", ("endpoints",), root=AJAX, servers="plain"),
    Variant("prefix", ("endpoints", "infra"), prefix="/mlf", backends=("sqlite",)),
    Variant("s3", ("endpoints", "s3_proxied"), flags=("--artifacts-destination", "s3://mlflow/$place"), s3=True,
            backends=("sqlite",)),
    Variant("direct", ("s3_direct",), flags=("--default-artifact-root", "s3://mlflow/$place"), s3=True,
            backends=("sqlite",)),
    Variant("unserved", ("unserved",), flags=("--no-serve-artifacts", "--default-artifact-root", "/nowhere/artifacts"),
            backends=("sqlite",)),
)
