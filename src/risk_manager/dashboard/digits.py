"""Figures three rows high, to be read from across the room."""

_GLYPHS = {
    "0": ("┏━┓", "┃ ┃", "┗━┛"),
    "1": (" ┓ ", " ┃ ", " ┻ "),
    "2": ("╺━┓", "┏━┛", "┗━╸"),
    "3": ("╺━┓", " ━┫", "╺━┛"),
    "4": ("╻ ╻", "┗━┫", "  ╹"),
    "5": ("┏━╸", "┗━┓", "╺━┛"),
    "6": ("┏━╸", "┣━┓", "┗━┛"),
    "7": ("╺━┓", "  ┃", "  ╹"),
    "8": ("┏━┓", "┣━┫", "┗━┛"),
    "9": ("┏━┓", "┗━┫", "╺━┛"),
    "$": ("┏╋╸", "┗╋┓", "╺╋┛"),
    "−": ("   ", "╺━╸", "   "),
    "+": ("   ", "╺╋╸", "   "),
    "—": ("   ", "╺━╸", "   "),
    ",": (" ", " ", ","),
    ".": (" ", " ", "."),
    ":": (" ", ":", " "),
    " ": (" ", " ", " "),
}


def big(text: str) -> tuple[str, str, str]:
    """Write a figure in three rows; a letter stands small on the last."""
    glyphs = [_GLYPHS.get(char, (" ", " ", char)) for char in text]
    first, second, third = (" ".join(glyph[row] for glyph in glyphs) for row in range(3))
    return first, second, third
