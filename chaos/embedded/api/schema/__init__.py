"""What the served kinds are made of: fields, their types and numbers, the rules of their lists."""

from chaos.embedded.api.schema.model import SCALARS, SPECIAL, Field, Message, described, message_of, messages

__all__ = ["SCALARS", "SPECIAL", "Field", "Message", "described", "message_of", "messages"]
