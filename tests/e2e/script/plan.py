"""What the seed decides: every step, and every fault."""

import random
from dataclasses import dataclass

PUBLIC = ["lobby", "garden", "kitchen", "attic"]
PRIVATE = ["den-1", "den-2", "den-3"]
EMOJI = ["👍", "🎉", "🔥", "👀", "🍕"]
ROLES = ["member", "moderator", "owner"]
STATES = ["online", "away", "dnd"]
ROOM_WEIGHTS = {
    **{"lobby": 4, "garden": 4, "kitchen": 3, "attic": 2},
    **dict.fromkeys(PRIVATE, 1),
    "dm": 3,
}
KINDS = {
    **{"send": 30, "reply": 7, "edit": 10, "delete": 6, "react": 20},
    **{"topic": 4, "invite": 5, "accept": 4, "decline": 1, "private": 2},
    **{"kick": 3, "ban": 1.5, "unban": 3, "role": 4, "dm": 3},
    **{"leave": 2, "join": 9, "presence": 1, "read": 3},
}
OF_PRIVATE = ["accept", "decline", "private"]
NOT_OF_TWO = ["join", "topic", "kick", "ban", "unban", "role"]
CUT_SHARE = 0.03  # of the steps begin with a cut
FAULT_STEPS_MAX = 12  # how long a cut or an outage lasts


@dataclass
class Step:
    number: int
    actor: str
    kind: str
    room: str  # "dm": the one with `target`
    target: str  # another actor
    back: int  # which message, counted from the newest
    own: bool  # ... of one's own
    on: bool
    emoji: str
    role: str
    state: str

    @property
    def text(self):
        hail = f" @{self.target}" if self.back == 0 else ""
        return f"m{self.number}{hail}"


@dataclass
class Fault:
    kind: str  # cut, term, kill, quit
    actor: str
    steps: int


class Plan:
    def __init__(self, seed, steps, weights, outages, quits):
        """`weights`: actor -> share of the steps. `outages`: of each kind."""
        self._random = random.Random(seed)
        self._weights = weights
        self.steps = [self._step(number) for number in range(1, steps + 1)]
        self.faults = {}
        for number in range(1, steps + 1):
            if self._random.random() < CUT_SHARE:
                self.faults[number] = self._fault("cut")
        kinds = ["term", "kill"] * outages + ["quit"] * quits
        places = self._random.sample(range(steps // 10, steps), len(kinds))
        for number, kind in zip(places, kinds):
            self.faults[number] = self._fault(kind)

    def _fault(self, kind):
        actor = self._random.choice(list(self._weights))
        return Fault(kind, actor, self._random.randint(1, FAULT_STEPS_MAX))

    def _pick(self, weights):
        return self._random.choices(list(weights), list(weights.values()))[0]

    def _step(self, number):
        chance = self._random
        actor = self._pick(self._weights)
        kind = self._pick(KINDS)
        room = self._pick(ROOM_WEIGHTS)
        if kind in OF_PRIVATE or (kind == "invite" and chance.random() < 0.5):
            room = chance.choice(PRIVATE)
        elif kind in NOT_OF_TWO and room == "dm":
            room = chance.choice(PUBLIC)
        others = [name for name in self._weights if name != actor]
        return Step(
            number=number,
            actor=actor,
            kind=kind,
            room=room,
            target=chance.choice(others),
            back=chance.choice([0, 0, 1, 2, 5, 9]),
            own=chance.random() < 0.7,
            on=chance.random() < 0.75,
            emoji=chance.choice(EMOJI),
            role=chance.choice(ROLES),
            state=chance.choice(STATES),
        )
