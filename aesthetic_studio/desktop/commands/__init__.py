"""Every action, declared once: menus, keys, the palette and the shortcut sheet are made from it."""
