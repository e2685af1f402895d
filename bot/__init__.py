"""What Baton knows and does: rules, use cases, delivery and views. Imports nothing from handlers/."""

from pydantic import BaseModel

BaseModel.model_config["defer_build"] = True
"""What checks and writes a model is built when it is first used: most of FastAPI's never are, and those of
forms and bodies not while a bot starts."""
