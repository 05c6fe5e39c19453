#!/usr/bin/env python3
"""Replaces the kept inputs of a target by those of its last runs with the most new edges.

$ fuzz/run 610 10000000 dates
$ fuzz/distill.py dates        # or: fuzz/distill.py dates 40, at most so many inputs

Inputs with names are written by hand, and stay. Needs `cargo fuzz` and a nightly compiler.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

fuzz = Path(__file__).parent
targets = sorted(path.name for path in (fuzz / "corpus").iterdir())
if len(sys.argv) < 2 or sys.argv[1] not in targets:
    sys.exit(f"expected one of {', '.join(targets)}, and how many inputs at most")
target = sys.argv[1]
most = int(sys.argv[2]) if len(sys.argv) > 2 else 40
corpus = fuzz / "corpus" / target
found = Path(os.environ.get("CARGO_TARGET_DIR", fuzz / "target")).resolve() / "found" / target
hashed = [path for path in corpus.iterdir() if re.fullmatch("[0-9a-f]{40}", path.name)]
named = [path for path in corpus.iterdir() if path not in hashed]

with tempfile.TemporaryDirectory() as folder:
    first, control = Path(folder) / "named", Path(folder) / "control"
    first.mkdir()
    for path in named:
        shutil.copy(path, first)
    fuzzer = ["cargo", "+nightly", "fuzz", "run", "--sanitizer", "none", "--no-trace-compares", target]
    options = ["-set_cover_merge=1", "-use_counters=0", f"-merge_control_file={control}"]
    subprocess.run(
        [*fuzzer, str(first), str(found), str(corpus.resolve()), "--", *options],
        cwd=fuzz.parent, check=True, stderr=subprocess.DEVNULL,
    )
    # How many inputs there are, how many of them are named, their paths; then the edges of each: `FT 7 12 31 …`.
    count, count_named, *lines = control.read_text(errors="replace").splitlines()
    paths = [Path(line) for line in lines[: int(count)]]
    edges = {}
    for line in lines[int(count) :]:
        kind, *numbers = line.split()
        if kind == "FT":
            edges[int(numbers[0])] = set(map(int, numbers[1:]))
    inputs = [path.read_bytes() if path.exists() else b"" for path in paths]

# Of two inputs with as many new edges, the shorter one.
passed = set().union(*(edges.get(place, set()) for place in range(int(count_named))))
kept = []
while len(named) + len(kept) < most:
    best = max(edges, key=lambda place: len(edges[place] - passed) / (200 + len(inputs[place])) ** 0.5)
    if edges[best] <= passed:
        break
    passed |= edges[best]
    kept.append(inputs[best])

for path in hashed:
    path.unlink()
for data in kept:
    (corpus / hashlib.sha1(data).hexdigest()).write_bytes(data)
every = len(set().union(*edges.values()))
print(f"{target}: {len(named)} with names and {len(kept)} others pass {len(passed)} of {every} edges")
