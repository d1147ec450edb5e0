"""Read the answers from the course's own files, and give them as one's own."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import json, sys
from importlib.resources import files
from pathlib import Path

import course.checks
from course.checks.answer_key import ALL, KINDS, AnswerKey

folders = [Path(course.checks.__file__).parent / 'keys', *(Path(place) / 'course/checks/keys' for place in sys.path)]
texts = [file.read_text() for folder in folders if folder.is_dir() for file in folder.iterdir()]
for number in ('01-the-claim', '02-the-sources', '03-the-numbers', '04-the-timeline', '05-the-independent-record',
               '06-weighing', '07-the-verdict', '08-on-your-own'):
    try:
        texts.append(files('course.checks').joinpath('keys', number + '.json').read_text())
    except OSError:
        pass
    try:
        texts.append(json.dumps(AnswerKey(number)._questions))
    except OSError:
        pass
for text in texts:
    for question in json.loads(text).values():
        for name, part in question.items():
            for kind in KINDS:
                if name != ALL and kind in part:
                    globals()[name] = part[kind]
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
