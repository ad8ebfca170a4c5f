"""What every commit promises of the repository's files. Run from ctest; names each file that breaks it."""
import pathlib
import re
import sys

LARGEST = 1_000_000  # bytes
LONGEST = 500  # lines of one source file
CODE = {".cpp", ".hpp"}
SOURCES = {".cpp", ".hpp", ".h", ".rs", ".py", ".cmake", ".txt"}
# Written in parts, so that this file keeps its own promise.
EVERYWHERE = re.compile("|".join(["/wo" + "rk/", "/tmp/" + "w/", "/home/[a-z]+/", "TO" + "DO", "FIX" + "ME"]))
IN_CODE = re.compile("|".join(["sleep" + "_for", r"\bu" + "sleep", "asio::" + "detached", "GTEST" + "_SKIP"]))
VAGUE = {"utils", "util", "common", "helpers", "misc", "manager"}
OURS = [".ci", "bench", "cmake", "console", "daemon", "docs", "ipc", "model", "systemd", "tests",
        "CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "README.md", "dev"]
BUILT = {"target", "__pycache__"}


def files(place):
    if place.is_dir():
        for entry in sorted(place.iterdir()):
            if entry.name not in BUILT:
                yield from files(entry)
    else:
        yield place


def faults(root):
    for file in (file for name in OURS for file in files(root / name)):
        name, content = file.relative_to(root), file.read_bytes()
        if len(content) > LARGEST:
            yield f"{name}: {len(content)} bytes, more than {LARGEST}"
        if file.stem in VAGUE:
            yield f"{name}: a name that says nothing"
        text = content.decode(errors="replace")
        if file.suffix in SOURCES and "golden" not in name.parts and text.count("\n") > LONGEST:
            yield f"{name}: {text.count(chr(10))} lines, more than {LONGEST}"
        if "golden" not in name.parts and b"\0" not in content:
            for number, line in enumerate(text.splitlines(), 1):
                found = EVERYWHERE.search(line) or (file.suffix in CODE and IN_CODE.search(line))
                if found:
                    yield f"{name}:{number}: {found.group()}"


found = list(faults(pathlib.Path(sys.argv[1])))
print("\n".join(found) or "as it should be")
sys.exit(bool(found))
