"""Markdown and template code to HTML."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text.html import prose
from training.sources.markdown.render import render
from training.sources.markdown.templates import strip_hugo, strip_liquid


def test_what_blogs_use_is_rendered() -> None:
    """Tables, strikethrough, footnotes, definition lists and HTML."""
    html = render(
        "# Head\n\n|a|b|\n|-|-|\n|c|d|\n\n~~old~~ <b>bold</b> word[^1]\n\n[^1]: note\n\n"
        "term\n: meaning\n"
    )
    for expected in ("<h1>Head</h1>", "<td>c</td>", "<s>old</s>", "<b>bold</b>", "note", "<dd>"):
        assert expected in html


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One\n{: .lead}", "One"),
        ("One *two*{: #x .y} three", "One two three"),
        ("* TOC\n{:toc}\n\nOne", "One"),
        ("1. Contents\n{:toc .x}\n\nOne", "One"),
        ("{::nomarkdown}\nOne\n{:/}", "One"),
        ("## Head {#id}\n\nOne", "Head\nOne"),
        ("## Head {.class #id}", "Head"),
        ("Set {a, b} and {.x}", "Set {a, b} and {.x}"),
        ("```\n{: .kept}\n## H {#id}\n```", "{: .kept} ## H {#id}"),
        ("~~~~\n```\n{: .kept}\n~~~~\n{: .gone}", "``` {: .kept}"),
    ],
)
def test_attribute_lists_go(text: str, words: str) -> None:
    """But not those in a code block, nor other braces."""
    assert prose(render(text)).text == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import A from 'b'\nimport C from 'd'\n\nOne", "One"),
        ("export const meta = {\n  a: 1,\n}\n\nOne", "One"),
        ("One {/* a * remark */} two", "One two"),
        ("<Note>\n\nOne\n\n</Note>", "One"),
        ("```js\nimport A from 'b'\n```", "import A from 'b'"),
        ("important words\n\nexported goods", "important words\nexported goods"),
    ],
)
def test_mdx_statements_go(text: str, words: str) -> None:
    """Imports, exports and remarks; components leave their text."""
    assert prose(render(text, mdx=True)).text == words


def test_an_import_in_markdown_is_prose() -> None:
    """Only MDX has statements."""
    assert "import duty" in render("import duty is high")


def test_html_is_left_as_it_is() -> None:
    """But for template code."""
    assert render("<p>*One* {{ x }}</p>", liquid=True, html=True) == "<p>*One* </p>"


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("a {% include b.html x='%' %} c", "a  c"),
        ("{%- if x -%}a{%- else -%}b{%- endif -%}", "ab"),
        ("a {{ site.title }} b", "a  b"),
        ("[a]({{ '/b/' | relative_url }})", "[a](/b/)"),
        ("[a]({% post_url 2020-01-01-b %} 'c')", "[a](# 'c')"),
        ("{% raw %}{{ kept }}{% endraw %}", "{{ kept }}"),
        ("a{% comment %}gone {{ x }}{% endcomment %}b", "ab"),
        ("{% highlight c++ linenos %}\na[0]\n{% endhighlight %}", "~~~~~~~~~\na[0]\n~~~~~~~~~"),
        ("{% highlight py %}\na\n{% endhighlight %}", "~~~~~~~~~py\na\n~~~~~~~~~"),
        ("a {% b", "a {% b"),
        ("a {{ b", "a {{ b"),
        ("{% raw %} a", " a"),
        ("{ a } {b}", "{ a } {b}"),
    ],
)
def test_liquid(text: str, stripped: str) -> None:
    """Tags go, the text around and inside stays."""
    assert strip_liquid(text).strip("\n") == stripped


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ('a {{< figure src="b" >}} c', "a  c"),
        ("{{% note %}}in **b**{{% /note %}}", "in **b**"),
        ("{{<youtube x>}}a", "a"),
        ('[a]({{< ref "/b" >}} "c")', '[a](# "c")'),
        ('[a]({{% relref "b.md" %}})', "[a](#)"),
        ("{{</* figure */>}}", "{{< figure >}}"),
        (
            '{{< highlight go "l=1" >}}\na := 1\n{{< /highlight >}}',
            "~~~~~~~~~go\na := 1\n~~~~~~~~~",
        ),
        ("a{{< comment >}}gone{{< /comment >}}b", "ab"),
        ("a {{< b", "a {{< b"),
        ("a {{ b }}", "a {{ b }}"),
    ],
)
def test_hugo_shortcodes(text: str, stripped: str) -> None:
    """Shortcodes go, the text around and inside stays."""
    assert strip_hugo(text).strip("\n") == stripped


PIECES = st.sampled_from(
    ["{%", "%}", "{{", "}}", "{{<", ">}}", "{{%", "%}}", " raw ", " endraw ", " highlight ", "/",
     " endhighlight ", "*/", "{:", "}", "```", "~~~", "\n", "\n\n", "# ", "- ", "> ", "|", "[^1]",
     "[", "](", ")", "<b>", "<!--", "import ", "a", "\t", "\0", "&#0;", "&#xD800;"]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(
    st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_any_text_is_rendered(text: str, liquid: bool, hugo: bool, mdx: bool) -> None:
    """No exception, whatever the text."""
    assert isinstance(render(text, liquid=liquid, hugo=hugo, mdx=mdx), str)


@settings(deadline=None)
@given(st.text(alphabet="abc {}\n", max_size=60))
def test_text_without_template_code_is_left_alone(text: str) -> None:
    """Single braces are no template code."""
    if "{{" not in text:
        assert strip_liquid(text) == strip_hugo(text) == text


@pytest.mark.parametrize(
    "piece",
    [
        "{{<",
        "{%",
        "{{",
        "{{< highlight >}}",
        "{% raw %}",
        "{% highlight %}",
        "{:",
        "{/*",
        "[",
        "> ",
    ],
)
def test_hostile_repetition_is_taken_in_one_go(piece: str) -> None:
    """Openers that never end are no more work than text (else this hangs)."""
    render(piece * (100_000 // len(piece)), liquid=True, hugo=True, mdx=True)
