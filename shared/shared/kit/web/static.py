"""Static files, read once at start and served from memory, compressed."""

import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import Headers, QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

KIT_STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".css": "text/css"}
_GZIPPED_TYPES = {".js", ".svg", ".css"}


@dataclass(frozen=True, slots=True)
class _File:
    media_type: str
    plain: bytes
    gzipped: bytes | None
    version: str


class StaticFiles:
    """An ASGI application for the files below some folders; where two have the same name, the first wins."""

    def __init__(self, *folders: Path) -> None:
        self._files: dict[str, _File] = {}
        for folder in (*folders, KIT_STATIC):
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder).as_posix()
                if path.is_file() and path.suffix != ".md" and name not in self._files:
                    self._files[name] = _load(path)

    def url(self, name: str) -> str:
        """Return the address of a file with its version, so that browsers may keep it for ever."""
        return f"/static/{name}?v={self._files[name].version}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/").removeprefix("static/")
        file = self._files.get(name)
        if file is None or scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(404)
        requested_version = QueryParams(scope["query_string"]).get("v")
        headers = {
            "Cache-Control": FOREVER if requested_version == file.version else A_DAY,
            "ETag": f'"{file.version}"',
            "Vary": "Accept-Encoding",
        }
        request_headers = Headers(scope=scope)
        if request_headers.get("if-none-match") == headers["ETag"]:
            await Response(status_code=304, headers=headers)(scope, receive, send)
            return
        body = file.plain
        if file.gzipped is not None and "gzip" in request_headers.get("accept-encoding", ""):
            body = file.gzipped
            headers["Content-Encoding"] = "gzip"
        await Response(body, headers=headers, media_type=file.media_type)(scope, receive, send)


def _load(path: Path) -> _File:
    plain = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    gzipped = gzip.compress(plain, mtime=0) if path.suffix in _GZIPPED_TYPES else None
    return _File(media_type, plain, gzipped, sha256(plain).hexdigest()[:12])
