"""``inkstone conversations``: what there is, a line each."""

from __future__ import annotations

import argparse

from assistant.cli.opened import opened
from assistant.cli.output import Output
from assistant.i18n import _, ngettext
from assistant.paths import Paths
from assistant.store.rows import Message, Role


def list_conversations(_options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Print every conversation outside the trash, newest first. Raises StoreError."""
    with opened(paths, output) as assistant:
        for row in assistant.conversations.all():
            output.object(
                "conversation",
                id=row.id,
                title=row.title,
                created_at=row.created_at,
                updated_at=row.updated_at,
                messages=row.messages,
            )
            count = ngettext("{n} message", "{n} messages", row.messages).format(n=row.messages)
            output.text(f"{row.id:>6}  {row.updated_at.astimezone():%Y-%m-%d %H:%M}  {row.title}  ({count})")


def show_conversation(options: argparse.Namespace, paths: Paths, output: Output) -> None:
    """Print the messages of ``options.id``: every version, or the visible branch. Raises ConversationNotFound."""
    with opened(paths, output) as assistant:
        assistant.conversations.get(options.id)
        messages = (
            assistant.chats.branch(options.id) if options.branch else assistant.conversations.messages(options.id)
        )
        for message in messages:
            output.object(
                "message",
                id=message.id,
                parent_id=message.parent_id,
                role=message.role,
                content=message.content,
                status=message.status,
                model=message.model,
            )
            output.text(_as_text(message))


def _as_text(message: Message) -> str:
    who = _("You") if message.role is Role.USER else (message.model or _("Assistant"))
    version = f" ({message.version}/{message.versions})" if message.versions > 1 else ""
    return f"## {who}{version}\n\n{message.content}\n"
