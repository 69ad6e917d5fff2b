"""Markdown and template code to HTML."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text.html import prose
from training.sources.markdown.hexo_text import strip_hexo
from training.sources.markdown.mdx import strip_mdx
from training.sources.markdown.render import render
from training.sources.markdown.templates import strip_hugo, strip_liquid
from training.sources.markdown.zola import strip_zola


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
        ("One {props.title} two{' '}three", "One two three"),
        ("One {`four`} \\{five}", "One four {five}"),
        ("<Chart data={{a: [1, {b: '>'}]}} title=\"x > y\" />\n\nOne", "One"),
        ("<Tabs>\n<Tabs.Item label={'a'}>\n\nOne\n\n</Tabs.Item>\n</Tabs>", "One"),
        ("<>\n\nOne\n\n</>", "One"),
        ("One `{kept} <Kept/>` two", "One {kept} <Kept/> two"),
        ("One { two", "One { two"),
        ("it's <Note>one's</Note> own", "it's one's own"),
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


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ('a {{ youtube(id="x") }} b', "a  b"),
        ('{% quote(author="x") %}in **b**{% end %}', "in **b**"),
        ("{{ ns::figure(src=[1]) }}a", "a"),
        ("{{/* youtube() */}}", "{{ youtube() }}"),
        ("{%/* quote() */%}", "{% quote() %}"),
        ("a {{ no shortcode }} {% if %}", "a {{ no shortcode }} {% if %}"),
        ("a {{ b(", "a {{ b("),
    ],
)
def test_zola_shortcodes(text: str, stripped: str) -> None:
    """Shortcodes go, their bodies stay, and braces without a call are text."""
    assert strip_zola(text) == stripped


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("a {% youtube x %} b {{ c }} {# d #}", "a  b  "),
        ("{% blockquote Ada %}in **b**{% endblockquote %}", "in **b**"),
        ("{% raw %}{{ kept }}{% endraw %}", "{{ kept }}"),
        ("{% post_link rye 'A title' %}", '<a href="#">A title</a>'),
        ("{% post_link rye %}", '<a href="#">rye</a>'),
        ("[a]({% post_path rye %})", "[a](#)"),
        ("{% post_link %}", ""),
        ("{% codeblock lang:js %}\na\n{% endcodeblock %}", "~~~~~~~~~js\na\n~~~~~~~~~"),
        ("```\n{{ kept }}\n```\n{{ gone }}", "```\n{{ kept }}\n```"),
        ("````\n```\n{% kept %}\n````", "````\n```\n{% kept %}\n````"),
        ("a {% b", "a {% b"),
    ],
)
def test_hexo_tags(text: str, stripped: str) -> None:
    """Tags go, what they enclose stays, links to posts are links, code blocks stay."""
    assert strip_hexo(text).strip("\n") == stripped


PIECES = st.sampled_from(
    ["{%", "%}", "{{", "}}", "{{<", ">}}", "{{%", "%}}", " raw ", " endraw ", " highlight ", "/",
     " endhighlight ", "*/", "{:", "}", "```", "~~~", "\n", "\n\n", "# ", "- ", "> ", "|", "[^1]",
     "[", "](", ")", "<b>", "<!--", "import ", "a", "\t", "\0", "&#0;", "&#xD800;"]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(
    st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join),
    st.sampled_from([strip_liquid, strip_hugo, strip_zola, strip_hexo, strip_mdx]),
    st.booleans(),
)
def test_any_text_is_rendered(text: str, strip: Callable[[str], str], mdx: bool) -> None:
    """No exception, whatever the text."""
    assert isinstance(render(strip(text), mdx=mdx), str)


@settings(deadline=None)
@given(st.text(alphabet="abc {}\n", max_size=60))
def test_text_without_template_code_is_left_alone(text: str) -> None:
    """Single braces are no template code."""
    if "{{" not in text:
        assert strip_liquid(text) == strip_hugo(text) == strip_zola(text) == text
        assert strip_hexo(text) == text


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
        "{{ x(",
        "{%/*",
        "{% codeblock %}",
        "<A ",
        "<A b={",
        "`` ` ",
        "{'",
    ],
)
def test_hostile_repetition_is_taken_in_one_go(piece: str) -> None:
    """Openers that never end are no more work than text (else this hangs)."""
    text = piece * (100_000 // len(piece))
    for strip in (strip_liquid, strip_hugo, strip_zola, strip_hexo):
        strip(text)
    render(text, mdx=True)
