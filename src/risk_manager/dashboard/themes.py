"""The screen's two faces, in colours that a colour-blind trader can tell apart (Okabe and Ito's)."""

from textual.theme import Theme

DARK = Theme(
    name="calm-dark",
    dark=True,
    primary="#3a5a78",
    secondary="#56b4e9",
    foreground="#d8dee6",
    background="#10151b",
    surface="#10151b",
    panel="#1b232d",
    success="#56b4e9",
    warning="#e6a700",
    error="#ff7a45",
    variables={"footer-key-foreground": "#56b4e9"},
)
LIGHT = Theme(
    name="calm-light",
    dark=False,
    primary="#8aa4bd",
    secondary="#0072b2",
    foreground="#1b232d",
    background="#f7f8fa",
    surface="#f7f8fa",
    panel="#e3e8ee",
    success="#0072b2",
    warning="#8f5f00",
    error="#c23b00",
    variables={"footer-key-foreground": "#0072b2"},
)
