"""What a Terraform module takes, read from its text as it stands in the wild."""

from typing import Any

import pytest

from bot.rendering.cloud.hcl import HclError, Variable, expected, variables

MODULE = """\
terraform {
  required_providers { alicloud = { source = "aliyun/alicloud" } }
}
locals {
  chosen = var.fast ? "yes" : (
    var.small ? "b" : "c"
  )
  script = <<-EOT
    variable "fake" { default = "}" }
    %{ for each in var.list ~} ${each} %{ endfor ~}
  EOT
  joined = "a } ${"{"} \\" $${aws:username} ${join(",", [for k, v in var.map : "${k}=${v}" if v != ""])}"
}
# variable "commented" {}
/* variable "commented-too" { */
variable "bucket" {
  description = "OSS bucket name: default = no"
  default     = "vela-website"
  type        = string
}
variable "count_" { type = number }
variable "ids" {
  type = list(string)
}
variable "tags" {
  type    = map(string)
  default = {}
}
variable "settings" {
  type = object({
    name = string
    size = optional(number, 3) // a comment }
  })
  validation {
    condition     = length(var.settings.name) > 0 && can(regex("^[a-z]{1,3}$", var.settings.name))
    error_message = "bad"
  }
  sensitive = true
}
variable untyped {}
variable "old" { type = "string" }
variable "maybe" {
  type    = string
  default = null
}
output "BUCKET" { value = "${var.bucket}-x" }
"""


def test_variables_are_found_with_their_types_and_defaults() -> None:
    found = {each.name: each for each in variables(MODULE)}

    assert list(found) == [
        "bucket",
        "count_",
        "ids",
        "tags",
        "settings",
        "untyped",
        "old",
        "maybe",
    ]
    assert found["bucket"] == Variable(name="bucket", type="string", default='"vela-website"')
    assert found["tags"] == Variable(name="tags", type="map(string)", default="{}")
    assert found["settings"].type.startswith("object(")
    assert found["settings"].sensitive
    assert found["old"].type == "string"
    assert [name for name, each in found.items() if each.required] == [
        "count_",
        "ids",
        "settings",
        "untyped",
        "old",
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('variable "x" {\n  default = "a"\n', 1, "a { is not closed"),
        ('\nvariable "x" { type = list(string }', 2, "a } closes nothing"),
        ('a = "x\n', 1, "a text is not closed"),
        ('\n\na = "${b', 3, "a ${ is not closed"),
        ("b = <<EOT\nfoo\n", 1, "the text until EOT is not closed"),
        ("}", 1, "a } closes nothing"),
    ],
)
def test_a_text_that_is_not_closed_is_no_module(text: str, line: int, said: str) -> None:
    with pytest.raises(HclError, match=said.replace("{", r"\{").replace("$", r"\$")) as found:
        variables(text)
    assert found.value.line == line


@pytest.mark.parametrize(
    ("type_", "fits", "does_not"),
    [
        ("string", ["a", 1, 1.5, True], [["a"], {}]),
        ("number", [1, 1.5, "20", "-3.5"], ["x", True, []]),
        ("bool", [True, "false"], ["yes", 1]),
        ("list(string)", [[], ["a", 1]], ["a", [["a"]]]),
        ("set(number)", [[1, "2"]], [["x"]]),
        ("map(list(string))", [{}, {"a": ["b"]}], [{"a": "b"}, []]),
        ("object({name=string})", [{"name": 1}, {}], ["x", []]),
        ("tuple([string,number])", [["a", 1]], [{}]),
        ("list", [["a", {}]], ["a"]),
        ("any", ["a", [], {}, 1], []),
        ("", ["a", [], {}, 1], []),
    ],
)
def test_a_value_is_taken_as_terraform_converts_it(
    type_: str, fits: list[Any], does_not: list[Any]
) -> None:
    assert [expected(type_, each) for each in fits] == [""] * len(fits)
    assert all(expected(type_, each) for each in does_not)
