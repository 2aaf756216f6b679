"""May this process still write? A process that stood still cannot know who owns its partitions now."""


class Lease:
    """Fences a generation of the group when the process stood still for longer than `patience_s`.

    Whatever freezes a process (a stopped container, a suspended machine, a blocked loop) shows as a gap between two
    ticks. From then on `holds` is False until a new generation comes, or the broker confirms the membership by an
    answer to a question asked after the freeze.
    """

    def __init__(self, patience_s: float) -> None:
        self.patience_s = patience_s
        self.freezes = 0
        self._last_s: float | None = None
        self._fenced: int | None = None

    def holds(self, now_s: float, generation: int) -> bool:
        """Also a tick: to be asked before every write, and at least every few hundred milliseconds."""
        if self._last_s is not None and now_s - self._last_s > self.patience_s:
            self.freezes += 1
            self._fenced = generation
        self._last_s = now_s
        return self._fenced != generation

    def confirm(self, now_s: float, generation: int, freezes: int) -> bool:
        """The broker confirmed the membership in `generation`; `freezes` as counted when it was asked. An answer that
        itself came after another freeze confirms nothing."""
        self.holds(now_s, generation)
        if freezes == self.freezes and self._fenced == generation:
            self._fenced = None
        return self._fenced != generation


def continues(last: int | None, generation: int) -> bool:
    """Nobody else can have owned a partition in between if `generation` directly follows the last one this process
    took part in. Otherwise what it remembers may be overtaken, and is forgotten and recovered."""
    return last is not None and generation == last + 1
