"""Markdown as models write it at their worst, and a description of a document that tells every difference."""

from __future__ import annotations

from PySide6.QtGui import QTextDocument

from ui.markdown.style import Property

NASTY = (
    """# Mixed 混合 مرحبا 👩‍👩‍👧‍👦 heading

1. one
   - nested **bold *and italic*** `code`
     1. deeper
        > quote in list

        ```js
        const x = "</span><script>alert(1)</script>"; // 日本語
        /* a
        b */
        ```
   - [x] done
   - [ ] open
2. two with a very long unbroken string: """
    + "a" * 300
    + '''

<script>alert('x')</script><img src="http://evil.example/x.png" onerror=alert(1)> and inline <b onclick="x()">html</b>

![remote](https://evil.example/pixel.png?id=1) ![local](file:///etc/passwd) [js](javascript:alert(1)) [ok](https://example.org)
[google.com](https://evil.example) [ftp](ftp://example.org/x) <https://example.org/auto> [mail](mailto:a@example.org)

مرحبا بالعالم، هذا نص عربي مع `code` و **bold** و 123.

| a | b `x` c | 数字 |
|:--|:-:|--:|
| 1 | two<br>lines | ٣ |
| ![x](http://e/x.png) | **b** |
not a row | at all

- a
- b | c
--|--
- d

| t | u |
|---|---|
| 1 | 2 |

| second | table |
|---|---|

Setext title
===

~~strike~~ a_b_c *not closed, **nor this

> quote
lazy line
> > deeper
>
> - list in quote
>   ```c
>   int main(void) { /* one
>   two */ return 0; }
>   ```

* * *
- x
-- y
- - - z

***
~~~
plain
~~~
```python
def f(x):
    """doc
    more"""
    return "``" + x  # ```
``
```
```c
/* a comment
over lines */
int x = 1;
```js
```
    indented

    code
text `` a ` b `` \\* escaped \\
hard break\x20\x20
next

1. a

   para

2. b
3) other
- - nested first
- # heading item
-
  empty first

[nothing] [a][b] ![c]
&amp; &nbsp;| &#0; \\<
```python
def unfinished(x):
    """doc
    return x  # long: \'\'\' + 'z'*260
'''
)

DEFINED = """See [one] and [two][one].

[later]

[one]: https://example.org/one 'a
title'

para [one]

[later]: https://example.org/later

- [x]: https://example.org/x
- [x] and [later]
"""


def describe(document: QTextDocument) -> list[object]:
    """Return everything that can be seen in a document, block by block."""
    found: list[object] = []
    block = document.begin()
    while block.isValid():
        runs = []
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            form = fragment.charFormat()
            runs.append((fragment.text(), form.font().key(), form.foreground().color().name(), form.anchorHref()))
            iterator += 1
        form = block.blockFormat()
        found.append(
            (
                runs,
                (form.topMargin(), form.bottomMargin(), form.leftMargin(), form.textIndent(), form.alignment().value),
                (form.lineHeight(), form.lineHeightType()),
                [form.property(own.value) for own in Property],
                block.charFormat().font().key() if not runs else "",
            )
        )
        block = block.next()
    tables = [
        (
            f.rows(),
            f.columns(),
            f.format().leftMargin(),
            f.format().topMargin(),
            f.format().headerRowCount(),
            [length.rawValue() for length in f.format().columnWidthConstraints()],
            [f.format().property(own.value) for own in Property],
        )
        for f in document.rootFrame().childFrames()
        if hasattr(f, "rows")
    ]
    return [*found, tables]
