"""What the code that runs may use: known cryptography, enough randomness, and nothing that runs input as code."""

import ast
import secrets
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
RUNNING: Final = ("shared/shared", "services/intake/intake", "services/grouping/grouping", "services/notify/notify")
CRYPTOGRAPHY: Final = {
    "cryptography",  # x509, which reads certificates
    "cryptography.exceptions",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.hashes",
    "cryptography.hazmat.primitives.kdf.hkdf",
}
PRIMITIVES: Final = {
    "x509",
    "AESGCM",
    "Ed25519PrivateKey",
    "Ed25519PublicKey",
    "HKDF",
    "SHA256",
    "InvalidSignature",
    "InvalidTag",
}
HASHES: Final = {"hashlib.sha256", "hmac.compare_digest", "hmac.digest", "hmac.new"}
RANDOM_BYTES: Final = 16
RUNS_TEXT: Final = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
READS_OBJECTS: Final = {"pickle", "marshal", "shelve", "dill", "subprocess"}


@cache
def trees() -> list[tuple[Path, ast.Module]]:
    """Return each module that runs in production."""
    paths = [path for folder in RUNNING for path in sorted((ROOT / folder).rglob("*.py"))]
    return [(path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def calls() -> Iterator[tuple[Path, str, ast.Call]]:
    """Yield each call with the dotted name of its function."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                yield path, ast.unparse(node.func), node


def imports() -> Iterator[tuple[Path, str, set[str]]]:
    """Yield each imported module with the names taken from it."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield path, node.module, {name.name for name in node.names}
            if isinstance(node, ast.Import):
                yield from ((path, name.name, set()) for name in node.names)


@pytest.mark.asvs("11.2.1", "11.2.3", "11.3.1", "11.6.1")
def test_cryptography_is_aes_gcm_ed25519_and_hkdf() -> None:
    used = [(path, module, names) for path, module, names in imports() if module.split(".")[0] == "cryptography"]
    assert used
    for path, module, names in used:
        assert module in CRYPTOGRAPHY, path
        assert names <= PRIMITIVES, path


@pytest.mark.asvs("11.4.1", "11.4.3")
def test_hashes_are_sha_256() -> None:
    used = [(path, name, call) for path, name, call in calls() if name.split(".")[0] in ("hashlib", "hmac")]
    assert used
    for path, name, call in used:
        assert name.partition("(")[0] in HASHES, path
        if name in ("hmac.digest", "hmac.new"):
            assert "sha256" in ast.unparse(call), path


@pytest.mark.asvs("6.5.4", "7.2.3", "11.5.1")
def test_secrets_have_128_random_bits() -> None:
    sizes = {}
    for path, name, call in calls():
        if name.split(".")[-1] in ("token_bytes", "token_hex", "token_urlsafe"):
            sizes[path, ast.unparse(call)] = _constant(path, call.args[0]) if call.args else secrets.DEFAULT_ENTROPY
    assert len(sizes) > 5
    assert {where: size for where, size in sizes.items() if size < RANDOM_BYTES} == LESS_RANDOM


LESS_RANDOM: Final = {
    # 112 bits are enough for a code that is used once (ASVS 6.5.2).
    (Path("services/intake/intake/usecases/staff_factors.py"), "secrets.token_bytes(_RECOVERY_BYTES)"): 15,
    # No secret: a word that no template holds.
    (Path("services/notify/notify/merging.py"), "secrets.token_hex(8)"): 8,
}


def _constant(path: Path, size: ast.expr) -> int:
    """Return a number, or the value of a constant of this module or of the one that is named."""
    if isinstance(size, ast.Constant):
        return int(str(size.value))
    module, _, name = ast.unparse(size).rpartition(".")
    (value,) = {
        ast.literal_eval(node.value)
        for other, tree in trees()
        for node in tree.body
        if (other == path or other.stem == module) and isinstance(node, ast.AnnAssign) and node.value
        if ast.unparse(node.target) == name
    }
    return int(value)


@pytest.mark.asvs("1.2.5", "1.3.2", "1.5.2")
def test_no_input_is_run_or_read_as_objects() -> None:
    assert [(path, name) for path, name, _ in calls() if name in RUNS_TEXT] == []
    assert [(path, module) for path, module, _ in imports() if module.split(".")[0] in READS_OBJECTS] == []
    loads = [(path, ast.unparse(call)) for path, name, call in calls() if name in ("yaml.load", "yaml.unsafe_load")]
    assert all("SafeLoader" in call for _, call in loads), loads


@pytest.mark.asvs("13.4.2", "15.3.2")
def test_nothing_is_in_debug_mode_or_follows_redirects() -> None:
    keywords = [(path, word) for path, _, call in calls() for word in call.keywords]
    for name in ("debug", "follow_redirects"):
        on = [path for path, word in keywords if word.arg == name and ast.unparse(word.value) != "False"]
        assert on == [], name
