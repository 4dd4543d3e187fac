"""How far the learner is: my/progress.json, and the files in my/."""

import hashlib
import json
from pathlib import Path

from lab_build import fail, shown, write_whole
from lab_index import MINE, all_exercises

FILE = MINE / "progress.json"


def load():
    """What is kept of each exercise: "solved", the digest of the answer; "hints", how many."""
    try:
        kept = json.loads(FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        fail(f"{shown(FILE)} cannot be read ({error}); remove it to begin anew")
    if not isinstance(kept, dict) or not all(map(is_entry, kept.values())):
        fail(f"{shown(FILE)} is not what ./lab wrote; remove it to begin anew")
    return kept


def is_entry(entry):
    hints = entry.get("hints", 0) if isinstance(entry, dict) else None
    return isinstance(hints, int) and hints >= 0


def change(exercise, **values):
    """Keeps these values of an exercise; None takes one away."""
    kept = load()
    entry = {**kept.get(exercise.id, {}), **values}
    kept[exercise.id] = {name: value for name, value in entry.items() if value is not None}
    try:
        MINE.mkdir(parents=True, exist_ok=True)
        write_whole(FILE, json.dumps(kept, indent=2) + "\n")
    except OSError as error:
        fail(f"cannot write {shown(FILE)}: {error.strerror}")


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def state_of(exercise, kept):
    """Returns open, started, solved, or changed: solved once, and edited since."""
    if not exercise.answer.exists():
        return "open"
    solved = kept.get(exercise.id, {}).get("solved")
    if not solved:
        return "started"
    return "solved" if solved == digest(exercise.answer) else "changed"


def states():
    kept = load()
    return {exercise: state_of(exercise, kept) for exercise in all_exercises()}


def current(states_now):
    """What the learner is at: the one in whose folder this is; or the one whose answer was edited
    last among those that are not solved; or the first that is open; None if all is solved."""
    here = Path.cwd()
    for exercise in states_now:
        if exercise.answer.parent in (here, *here.parents) and exercise.answer.exists():
            return exercise
    begun = [exercise for exercise, state in states_now.items() if state in ("started", "changed")]
    if begun:
        return max(begun, key=lambda exercise: exercise.answer.stat().st_mtime)
    return following(states_now)


def following(states_now, after=None):
    """The first that is not solved behind `after`, or before it if there is none behind."""
    order = list(states_now)
    start = order.index(after) + 1 if after else 0
    for exercise in order[start:] + order[:start]:
        if states_now[exercise] in ("open", "started") and exercise != after:
            return exercise
    return None
