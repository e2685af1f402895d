"""The modals, one file a button."""
