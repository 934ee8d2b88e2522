"""A password or token in a mapping is never the value: it says where the value is."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr, ValidationInfo


def _resolved(value: Any, info: ValidationInfo) -> Any:
    """`{env: NAME}` of the pipelines' process, or `{file: name}` in PRAXIS_HOME/secrets (an absolute path stays)."""
    match value:
        case {"env": str(name)} if len(value) == 1:
            if not (found := os.environ.get(name)):
                raise ValueError(f"the pipelines' environment has no {name}")
            return found
        case {"file": str(name)} if len(value) == 1:
            path = Path((info.context or {}).get("secrets", ".")) / name
            try:
                return path.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ValueError(f"{path} can't be read ({error.strerror})") from None
    raise ValueError("write {env: NAME} or {file: name in PRAXIS_HOME/secrets}, not the secret itself")


Secret = Annotated[SecretStr, BeforeValidator(_resolved)]
