"""Device strings: `/job:worker/task:1/device:CPU:0`, in full or in part."""

from __future__ import annotations

_ORDER = ("job", "replica", "task", "device")


def parse_device(text: str) -> dict[str, str]:
    """The parts of a device string; `/cpu:0` and `/gpu:1` are short for `/device:…`.

    Raises:
        ValueError: a part is none that TensorFlow knows.
    """
    parts: dict[str, str] = {}
    for part in filter(None, text.split("/")):
        key, _, value = part.partition(":")
        if key in ("job", "replica", "task"):
            parts[key] = value
        elif key.lower() in ("cpu", "gpu", "tpu"):
            parts["device"] = f"{key.upper()}:{value or '*'}"
        elif key == "device":
            kind, _, number = value.partition(":")
            parts["device"] = f"{kind.upper()}:{number or '*'}"
        else:
            raise ValueError(
                f"Unknown attribute '{key}' is encountered while parsing the device spec: '{text}'."
            )
    return parts


def format_device(parts: dict[str, str]) -> str:
    """The canonical string of `parts`."""
    return "".join(f"/{key}:{parts[key]}" for key in _ORDER if key in parts)
