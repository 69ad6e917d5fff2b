"""The rules of curation in the archive."""

from __future__ import annotations

from typing import Literal, TypeAlias

import orjson
from sqlalchemy import Connection, func, or_, select

from related_posts.archive.tables import rules
from related_posts.curation.rules import Rule, rule_from_json

#: What came of writing something.
Outcome: TypeAlias = Literal["added", "changed", "unchanged"]


def rules_of(connection: Connection) -> tuple[Rule, ...]:
    """Every rule, in the order in which they were made."""
    found = connection.execute(select(rules.c.rule).order_by(rules.c.place)).scalars()
    return tuple(rule_from_json(orjson.loads(content)) for content in found)


def put_rule(connection: Connection, rule: Rule) -> Outcome:
    """Write a rule; one with the same id is replaced and keeps its place in the order."""
    content = orjson.dumps(rule.to_json())
    held = connection.scalar(select(rules.c.rule).where(rules.c.id == rule.id))
    if held == content:
        return "unchanged"
    if held is not None:
        connection.execute(rules.update().where(rules.c.id == rule.id).values(rule=content))
        return "changed"
    place = (connection.scalar(select(func.max(rules.c.place))) or 0) + 1
    values = {"id": rule.id, "place": place, "post": rule.post, "under": rule.under}
    connection.execute(rules.insert().values(**values, rule=content))
    return "added"


def remove_rule(connection: Connection, rule_id: str) -> Rule | None:
    """Remove a rule; None where there is none with that id."""
    held = connection.scalar(select(rules.c.rule).where(rules.c.id == rule_id))
    if held is None:
        return None
    connection.execute(rules.delete().where(rules.c.id == rule_id))
    return rule_from_json(orjson.loads(held))


def rename_post(connection: Connection, old: str, new: str) -> None:
    """Let rules follow a post that is known under another id from now on."""
    concerned = or_(rules.c.post == old, rules.c.under == old)
    question = select(rules.c.id, rules.c.place, rules.c.rule).where(concerned)
    for row in connection.execute(question).all():
        content = orjson.loads(row.rule)
        for name in ("post", "under"):
            if content.get(name) == old:
                content[name] = new
        connection.execute(rules.delete().where(rules.c.id == row.id))
        if content["post"] == content.get("under"):
            continue
        renamed = rule_from_json(content)
        if connection.scalar(select(rules.c.id).where(rules.c.id == renamed.id)) is None:
            values = {"id": renamed.id, "post": renamed.post, "under": renamed.under}
            stored = orjson.dumps(renamed.to_json())
            connection.execute(rules.insert().values(**values, place=row.place, rule=stored))
