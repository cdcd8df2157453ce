"""What was found when everything was tried out, on a phone: what is wrong first, then what works, in short."""

from collections.abc import Iterator

from bot.chat.language import _, line
from bot.chat.message import Block, Bold, Icon, Line, Message, Text
from bot.chat.presenters.words import cut
from bot.findings import Finding, Verdict
from bot.operations.results import Examined
from bot.wording import N_

ICONS = {Verdict.OK: "done", Verdict.WARN: "warning", Verdict.FAIL: "failed"}
LONGEST = 300
"""Characters of what is wrong with one thing."""
MOST = 1900
"""Characters of what stands together."""


def examined(result: Examined) -> Message:
    """Show what was found."""
    wrong = [each for each in result.findings if each.verdict is not Verdict.OK]
    fine = [each for each in result.findings if each.verdict is Verdict.OK]
    title = _title(wrong, len(fine))
    blocks: list[Block] = [Text(lines=((Bold(title),),))]
    blocks += [Text(lines=tuple(map(_line, part))) for part in _parts(wrong)]
    blocks += [Text(lines=tuple(map(_line, part)), faint=True) for part in _parts(fine)]
    return Message(summary=title, blocks=tuple(blocks))


def _parts(findings: list[Finding]) -> Iterator[list[Finding]]:
    """Yield so many at a time as a chat shows in one block."""
    part: list[Finding] = []
    for each in findings:
        if part and sum(map(_length, (*part, each))) > MOST:
            yield part
            part = []
        part.append(each)
    if part:
        yield part


def _length(found: Finding) -> int:
    return len(found.subject) + min(len(found.said), LONGEST) + len(found.mend) + 20


def _title(wrong: list[Finding], fine: int) -> str:
    broken = sum(1 for each in wrong if each.verdict is Verdict.FAIL)
    if not wrong:
        return _("All {count} things that were tried work", count=fine)
    look = len(wrong) - broken
    every = len(wrong) + fine
    if not look:
        return _("{broken} of {every} do not work", broken=broken, every=every)
    if not broken:
        return _("Everything works; {look} to look at", look=look)
    said = N_("{broken} of {every} do not work; {look} to look at")
    return _(said, broken=broken, every=every, look=look)


def _line(found: Finding) -> Line:
    mend = f" → {_(found.mend)}" if found.mend else ""
    said = line("{what}: {said}", what=Bold(_(found.subject)), said=cut(_(found.said), LONGEST))
    return (Icon(ICONS[found.verdict]), " ", *said, mend)
