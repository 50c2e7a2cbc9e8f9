"""The short tour: a few words beside the parts of the window that matter first."""
