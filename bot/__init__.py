"""What Baton knows and does: rules, use cases, delivery and views. Imports nothing from handlers/."""
