"""Draws workflows as an SVG picture: a column for what can run at the same time, arrows for who waits for whom. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from bot.catalog.model import Step, Workflow
from bot.workflow.shape import TOP, Shape

WIDTH, HEIGHT = 190, 46
"""Of a step, in pixels."""
ACROSS, DOWN = 46, 16
"""Between steps."""
PADDING, TITLE = 14, 30
LONGEST = 26
"""Characters of a name that fit into a step."""

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1d1c1d; }
  .type { font-size: 11px; fill: #616061; }
  .step { fill: #ffffff; stroke: #5b6b7b; }
  .gate { fill: #fff4d6; stroke: #b7791f; }
  .group { fill: #f4f6f8; stroke: #9aa5b1; stroke-dasharray: 5 3; }
  .way { fill: none; stroke: #5b6b7b; stroke-width: 1.4; marker-end: url(#arrow); }
"""


@dataclass(slots=True)
class Box:
    """A step with its place; a group holds the boxes of its sub-steps, placed within it."""

    step: Step
    x: int = 0
    y: int = 0
    width: int = WIDTH
    height: int = HEIGHT
    inside: list["Box"] = field(default_factory=list)


def drawing(workflows: Sequence[Workflow]) -> str:
    """Answer an SVG document with the workflows below each other."""
    parts: list[str] = []
    y, width = PADDING, 0
    for workflow in workflows:
        shape = Shape(workflow)
        boxes, across, down = _level(shape, TOP)
        parts.append(f'<text x="{PADDING}" y="{y + 14}">{escape(workflow.name)}</text>')
        parts.append(f'<g transform="translate({PADDING} {y + TITLE})">')
        parts += _ways(shape, boxes)
        parts += [each for box in boxes for each in _shown(shape, box)]
        parts.append("</g>")
        y += down + TITLE + 2 * PADDING
        width = max(width, across + 2 * PADDING)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" viewBox="0 0 {width} {y}">',
            f"<style>{STYLE}</style>",
            '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            'orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="#5b6b7b"/></marker></defs>',
            f'<rect width="{width}" height="{y}" fill="#ffffff"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _level(shape: Shape, group: str) -> tuple[list[Box], int, int]:
    """Place the steps of a level; answer them with the size of it all."""
    columns: list[list[Box]] = []
    for name, column in _columns(shape, group).items():
        while len(columns) <= column:
            columns.append([])
        columns[column].append(_box(shape, shape.specs[name]))
    x = down = 0
    for column_of_boxes in columns:
        y = 0
        for box in column_of_boxes:
            box.x, box.y = x, y
            y += box.height + DOWN
        down = max(down, y - DOWN)
        x += max(box.width for box in column_of_boxes) + ACROSS
    return [box for each in columns for box in each], max(0, x - ACROSS), max(0, down)


def _box(shape: Shape, step: Step) -> Box:
    if not step.sub_steps:
        return Box(step)
    inside, across, down = _level(shape, step.name)
    for each in inside:
        each.x += PADDING
        each.y += TITLE
    return Box(
        step, width=max(WIDTH, across + 2 * PADDING), height=down + TITLE + PADDING, inside=inside
    )


def _columns(shape: Shape, group: str) -> dict[str, int]:
    """Answer how many steps of a level come before each, at least: what can run at once shares a column."""
    level = [each.name for each in shape.level(group)]
    before = {name: _before(shape, group, name) for name in level}
    found: dict[str, int] = {}
    while len(found) < len(level):
        open_ = [name for name in level if name not in found]
        # A group and a step may wait for parts of each other; then the file's order decides.
        ready = [name for name in open_ if before[name] <= found.keys()] or open_[:1]
        column = {
            name: max((found[each] + 1 for each in before[name] & found.keys()), default=0)
            for name in ready
        }
        found |= column
    return {name: found[name] for name in level}


def _before(shape: Shape, group: str, name: str) -> set[str]:
    """Name the steps of the same level that end before this one begins, by their arrows."""
    level = {each.name for each in shape.level(group)}
    inside = {name, *(each.name for each in shape.specs[name].sub_steps)}
    needs = {other for each in inside for other in shape.waits_for(each)}
    on_level = {other if other in level else shape.group_of[other] for other in needs}
    if shape.in_order(group) and (earlier := shape.before(name)):
        on_level.add(earlier[-1].name)
    return (on_level & level) - {name}


def _ways(shape: Shape, boxes: Sequence[Box], group: str = TOP) -> Iterator[str]:
    by_name = {each.step.name: each for each in boxes}
    for name, box in by_name.items():
        for other in sorted(_before(shape, group, name)):
            start = by_name[other]
            x1, y1 = start.x + start.width, start.y + min(start.height, HEIGHT) // 2
            x2, y2 = box.x, box.y + min(box.height, HEIGHT) // 2
            bend = max(20, (x2 - x1) // 2)
            yield (
                f'<path class="way" d="M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2 - 2} {y2}"/>'
            )


def _shown(shape: Shape, box: Box) -> Iterator[str]:
    step = box.step
    kind = "group" if step.is_group else "gate" if step.is_gate else "step"
    label = f"{step.title} ({step.type})"
    yield f'<g transform="translate({box.x} {box.y})" role="img" aria-label={quoteattr(label)}>'
    yield f"<title>{escape(label)}</title>"
    yield f'<rect class="{kind}" width="{box.width}" height="{box.height}" rx="6"/>'
    yield f'<text x="10" y="19">{escape(_short(step.title))}</text>'
    if step.is_group:
        yield from _ways(shape, box.inside, step.name)
        for each in box.inside:
            yield from _shown(shape, each)
    else:
        yield f'<text class="type" x="10" y="36">{escape(_short(step.type))}</text>'
    yield "</g>"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
