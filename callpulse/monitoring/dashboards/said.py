"""What the description of a panel says of a KPI: the catalogue's formula, and where its letters are explained."""

from callpulse.stream.core.catalogue import BY_ID

LETTERS = (
    "A = answered, B = abandoned, X = exited, _T = within T seconds, B_s = short abandons, W_T = waiting and past T."
)
OF_ALL = "Of all chosen queues: their counts are added, then divided."
NO_CALLS = "Without a contact in the window there is no value."


def formula(kpi: str) -> str:
    """With its version."""
    found = BY_ID[kpi]
    said = f"{found.formula[:1].upper()}{found.formula[1:]} (definition {kpi} v{found.version})."
    return f"{said} {LETTERS}" if "_" in found.formula else said


def over(kpi: str, *more: str) -> str:
    """Of a figure that looks back; `more` says over what."""
    return " ".join(filter(None, (formula(kpi), *more, NO_CALLS)))
