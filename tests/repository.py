"""What every commit promises of the repository's files. Run from ctest; names each file that breaks it."""
import pathlib
import re
import sys

LARGEST = 1_000_000  # bytes
LONGEST = 500  # lines of one source file
SOURCES = {".cpp", ".hpp", ".h", ".rs", ".py", ".cmake", ".txt"}
# Places of one machine, and notes to oneself. Written in parts, so that this file keeps its own promise.
FORBIDDEN = re.compile("|".join(["/wo" + "rk/", "/tmp/" + "w/", "/home/[a-z]+/", "TO" + "DO", "FIX" + "ME"]))
NOT_OURS = {".git", ".deps", "build", ".cargo-home", "target", "__pycache__"}


def files(root):
    for entry in sorted(root.iterdir()):
        if entry.name in NOT_OURS or entry.name.startswith("build-") or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from files(entry)
        else:
            yield entry


def faults(root):
    for file in files(root):
        name, content = file.relative_to(root), file.read_bytes()
        if len(content) > LARGEST:
            yield f"{name}: {len(content)} bytes, more than {LARGEST}"
        text = content.decode(errors="replace")
        if file.suffix in SOURCES and "golden" not in name.parts and text.count("\n") > LONGEST:
            yield f"{name}: {text.count(chr(10))} lines, more than {LONGEST}"
        if "golden" not in name.parts and b"\0" not in content:
            for number, line in enumerate(text.splitlines(), 1):
                if found := FORBIDDEN.search(line):
                    yield f"{name}:{number}: {found.group()}"


found = list(faults(pathlib.Path(sys.argv[1])))
print("\n".join(found) or "as it should be")
sys.exit(bool(found))
