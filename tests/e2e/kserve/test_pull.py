"""`tracklet pull`, in the place of KServe's storage initializer."""

from support import machine

from .conftest import tree


def test_pull(site, logged):
    """Pairs of URIs and folders, as a ClusterStorageContainer's container gets them; every file, the empty one too."""
    champion = f"{logged.name()}@champion"
    uris = [f"models://{champion}", f"models://{logged.name()}/1", f"models:/{champion}", f"runs:/{logged.signed}/model"]
    pairs = [(uri, machine.scratch("mnt")) for uri in uris]
    command = "pull", *(part for pair in pairs for part in pair)
    site.tracklet(*command)
    for uri, folder in pairs:
        assert {name: content for name, content in tree(folder).items() if not name.startswith(".")} == tree(logged.copy), uri


def test_pull_of_a_model_one_level_down(site, logged):
    folder = machine.scratch("mnt")
    refused = site.tracklet("pull", f"models://{logged.name('deep')}@champion", folder, check=False)
    assert refused.returncode and "did you mean" in refused.stderr and "/deep/model" in refused.stderr, refused.stderr
