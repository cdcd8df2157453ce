"""What an expression may cost is told by counting before it is evaluated; what costs too much is never begun."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.workflow.costs import MOST, TooCostly, estimate, loop_names, loops, pruned
from bot.workflow.expressions import ExpressionError, check, evaluate, fill_in
from bot.workflow.patterns import pattern_units
from bot.workflow.syntax import Call, Literal, Name, parse, walk

NUMBERS = list(range(1000))
PODS = [
    {"name": f"web-{each}", "ready": each % 2 == 0, "labels": {"app": "web"}} for each in range(50)
]
LONG = "x" * 100_000
SCOPE: dict[str, Any] = {
    "many": NUMBERS,
    "list": NUMBERS[:100],
    "long": LONG,
    "pattern": r"\pL{200}",
    "pods": PODS,
    "large": [{"a": each, "b": [each]} for each in range(100_000)],
    "names": [f"web-{each}" for each in range(100)],
    "lines": "one line\n" * 200,
    "context": {"image": "registry.example/web:v1.4.2", "none": None},
}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("many.map(x, x)", "its loop map over 1000 elements"),
        ("many.filter(x, true)", "its loop filter over 1000 elements"),
        ("many.all(x, many.all(y, true))", "its loop all over 1000 elements"),
        ("many.exists(x, x in many)", "its loop exists over 1000 elements"),
        ("list.map(x, list)", "its loop map over 100 elements"),
        ("list.map(x, list).map(y, y + y)", "its loop map"),
        ("list.map(x, list.map(y, y))", "its loop map"),
        ("many.all(x, long + 'a' == long + 'b')", "its loop all"),
        ("{'a': many}.a.map(x, x)", "its loop map"),
        ("[many][0].map(x, x)", "its loop map"),
        ("[[many]].map(y, y[0])[0].map(x, x)", "its loop map"),
        ("(true ? many : list).map(x, x)", "its loop map over 1000 elements"),
        ("optional.of(many).value().map(x, x)", "its loop map"),
        (r'{"many": many}["\x6dany"].map(x, x)', "its loop map"),
        ("{'m': many}['M'.lowerAscii()].map(x, x)", "its loop map"),
        ("long.split('X'.lowerAscii())", "its split"),
        ("many . all // a remark\n (x, many.all(y, y > x))", "its loop all"),
        ("[" + ", ".join(["many"] * 300) + "]", "what it reads"),
        ("long.split('x')", "its split"),
        ("long.split('x').join(long)", "its split"),
        ("names.join(long).split('w')", "its join"),
        ("large", "what it reads"),
        ("large[0].a", "what it reads"),
        (r"context.image.matches('\\w{300}')", "the pattern of its matches"),
        (r"context.image.matches('((\\pL{20}){20}){20}')", "the pattern of its matches"),
        (r"names.all(x, x.matches('\\w+'))", "its loop all over 100 elements"),
        ("context.image.matches(pattern)", "the pattern of its matches"),
        ("context.image.matches(pattern + 'a')", "known only as it is evaluated"),
    ],
)
def test_what_may_take_too_long_is_refused_before_it_is_begun(expression: str, said: str) -> None:
    with pytest.raises(TooCostly, match=said):
        estimate(parse(expression), SCOPE)
    with pytest.raises(ExpressionError, match="may take longer than everyone can wait") as raised:
        evaluate(expression, SCOPE)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("pods.filter(p, p.ready).map(p, p.name).size()", 25),
        ("pods.exists(p, p.name == 'web-7' && p.labels.app == 'web')", True),
        ("names.map(x, x + '!')[3]", "web-3!"),
        ("lines.trim().split('\\n').filter(x, x.contains('two'))", []),
        (r"context.image.matches('^[^/]+/[^/]+:v\\d{1,3}\\.\\d+\\.\\d+$')", True),
        ("many.all(x, x >= 0)", True),
        ("long.size() + long.lowerAscii().indexOf('y')", 99_999),
        ("list.map(x, x > 97, x)", [98, 99]),
        ("has(context.nothing) ? 1 : 2", 2),
        ("context.none == null", True),
        ("'none' in context", True),
        ("{'a': names[0], \"b\": [1, 2,]}['a']", "web-0"),
        ("r'\\' + '\\'' + \"\"\"it's\"\"\"", "\\'it's"),
        ("duration('1h') < duration('2h') ? -1 : - -1", -1),
    ],
)
def test_what_people_write_is_evaluated(expression: str, value: object) -> None:
    assert evaluate(expression, SCOPE) == value


def test_loops_in_loops_multiply() -> None:
    def units(expression: str, length: int) -> int:
        return estimate(parse(expression), {"a": list(range(length))}, most=10**12)

    assert units("a.all(x, true)", 1000) < 20 * units("a.all(x, true)", 100)
    assert units("a.all(x, a.all(y, true))", 1000) > 50 * units("a.all(x, a.all(y, true))", 100)
    assert units("a.map(x, x)", 1000) > 50 * units("a.map(x, x)", 100)  # it is copied at each turn
    assert units("a.map(x, a)", 1000) > 500 * units("a.map(x, a)", 100)


@pytest.mark.parametrize(
    ("cheap", "costly"),
    [
        ("a{2}", "a{2000}"),
        (r"\w", r"\w{50}"),
        (r"\pL", r"\pL{50}"),
        ("(a{10}){10}", "(a{100}){100}"),
        ("[a-z]", r"[\w\pL]"),
        (r"(?:x|\d){3}", r"(?:x|\w){300}"),
    ],
)
def test_what_a_pattern_repeats_is_counted_as_often(cheap: str, costly: str) -> None:
    assert pattern_units(costly) > 3 * pattern_units(cheap) > 0


@given(st.text(alphabet=r"(){}[]\pLw,0123a^-?*+|:.", max_size=60))
@settings(max_examples=200, deadline=None)
def test_whatever_is_said_to_be_a_pattern_has_a_cost(pattern: str) -> None:
    assert pattern_units(pattern) >= 0


def test_all_expressions_of_a_step_pay_from_one_purse() -> None:
    expression = "${{ list.map(x, x).size() }}"
    assert fill_in(expression, SCOPE) == 100
    with pytest.raises(ExpressionError, match="with the expressions before it"):
        fill_in({"a": [expression] * 100}, SCOPE)
    with pytest.raises(ExpressionError, match="with the expressions before it"):
        fill_in("${{ 1 }}" * (MOST // 100), {})
    with pytest.raises(ExpressionError, match="more than 1000000 characters together"):
        fill_in(
            ["${{ long.substring(0, 90000) }}"] * 3 + ["${{ long + '' }}"] * 20,
            {"long": "x" * 90_000},
        )


def test_a_text_that_is_never_closed_is_not_looked_through_for_ever() -> None:
    with pytest.raises(ExpressionError, match="not closed by }} within 2000 characters"):
        fill_in('${{ "' + '\\"' * 500_000, {})


def test_an_expression_gets_only_what_it_speaks_of() -> None:
    scope = {
        "context": {"a": {"b": 1, "c": 2}, "secret": "s"},
        "inputs": {"x": None},
        "list": [1, 2],
    }
    for expression, wanted in (
        ("context.a.b + 1", {"context": {"a": {"b": 1}}}),
        ("context['a'].b == context.a.c", {"context": {"a": {"b": 1, "c": 2}}}),
        ("has(context.nothing.more)", {"context": {}}),
        ("inputs.x == null", {"inputs": {"x": None}}),
        ("list[0] + context.a[list[1]]", {"list": [1, 2], "context": {"a": {"b": 1, "c": 2}}}),
        (
            "context.a.b == 1 || context == inputs",
            {"context": scope["context"], "inputs": {"x": None}},
        ),
        ("[1].map(context, context.a)", {"context": {"a": {"b": 1, "c": 2}}}),
        ("1", {}),
    ):
        assert pruned(parse(expression), scope) == wanted


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "open('/etc/passwd')",
        "os.environ",
        "env.HOME",
        "context.__class__",
        "context.image.__class__.__mro__",
        "len.__globals__",
        "join.__globals__",
        "cel",
        "self",
        "getattr(context, 'image')",
        "context.image.format()",
        "google.protobuf.Any{}",
        "type(context).mro()",
    ],
)
def test_nothing_but_the_values_can_be_reached(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, SCOPE)


def test_a_loop_is_a_loop_however_it_is_written() -> None:
    tree = parse("a.map//c\n(x, b . existsOne (y, 'z.all(w, w)' == y)) + r'\\' + '''.map(v, v)'''")
    assert loops(tree) == 2
    assert loop_names(tree) == {"x", "y"}
    assert {each.name for each in walk(tree) if isinstance(each, Name)} == {"a", "b", "x", "y"}
    assert {each.name for each in walk(tree) if isinstance(each, Call)} == {"map", "existsOne"}
    with pytest.raises(ExpressionError, match="more than 2 loops"):
        check("a.existsOne(x, a.existsOne(y, a.all // c\n (z, true)))")


@given(st.text(max_size=30).filter(lambda text: "\r" not in text and "\n" not in text))
@settings(max_examples=300, deadline=None)
def test_texts_are_read_as_the_library_reads_them(text: str) -> None:
    for quote in ("'", '"'):
        written = quote + text.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote
        try:
            value = evaluate(written, {})
        except ExpressionError:
            continue
        assert parse(written) == Literal(len(text), value)
    assert parse(r"'\x61'") == Literal(4)  # longer than it is, and no text that is known
