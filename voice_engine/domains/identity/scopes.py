"""The 20 scopes that a token can carry, and what each lets a client do, in words for the consent page."""

from collections.abc import Iterable

from voice_engine.errors import InvalidInput

DESCRIPTIONS: dict[str, tuple[str, str]] = {
    "calls:read": ("See your calls and their results", "Ver tus llamadas y sus resultados"),
    "calls:write": ("Make and manage phone calls for you", "Hacer y gestionar llamadas por ti"),
    "transcripts:read": ("Read what was said in your calls", "Leer lo que se dijo en tus llamadas"),
    "recordings:read": ("Listen to your call recordings", "Escuchar las grabaciones de tus llamadas"),
    "coordination:read": ("See your goals and conversations", "Ver tus objetivos y conversaciones"),
    "coordination:write": (
        "Start goals and send messages to the assistant",
        "Crear objetivos y escribir al asistente",
    ),
    "actions:read": ("See what was booked and done for you", "Ver lo que se reservó e hizo por ti"),
    "actions:write": ("Book, schedule and act for you", "Reservar, agendar y actuar por ti"),
    "messages:read": ("Read your inbox", "Leer tu bandeja de entrada"),
    "messages:write": ("Mark messages read and connect channels", "Marcar mensajes leídos y conectar canales"),
    "search:read": ("Search for businesses and on the web", "Buscar negocios y en la web"),
    "email:read": ("Read your connected email", "Leer tu correo conectado"),
    "email:write": ("Send email and manage email accounts", "Enviar correo y gestionar cuentas de correo"),
    "budget:read": ("See your goals' budgets", "Ver los presupuestos de tus objetivos"),
    "budget:write": ("Approve budgets", "Aprobar presupuestos"),
    "credits:read": ("See your credits and their history", "Ver tus créditos y su historial"),
    "subscription:read": ("See your subscription", "Ver tu suscripción"),
    "billing:manage": ("Change your plan and payment", "Cambiar tu plan y tu pago"),
    "sessions:read": ("Older clients' scope; opens nothing", "Permiso de clientes antiguos; no abre nada"),
    "sessions:write": ("Older clients' scope; opens nothing", "Permiso de clientes antiguos; no abre nada"),
}
"""Scope → what it permits, in English and Spanish. The two `sessions` scopes are granted and guard nothing."""

ALL_SCOPES = frozenset(DESCRIPTIONS)


def parse_scope(text: str) -> frozenset[str]:
    """The scopes of a space-separated list (RFC 6749, 3.3). Raises InvalidInput `invalid_scope` for a stranger."""
    scopes = frozenset(text.split(" ")) - {""}
    unknown = sorted(scopes - ALL_SCOPES)
    if unknown:
        # The strange word is not repeated: it would come back on a page or in a header.
        raise InvalidInput("invalid_scope", "a scope is unknown; ask only for scopes that the contract lists")
    return scopes


def format_scope(scopes: Iterable[str]) -> str:
    """The list as it stands in tokens and answers, in the contract's order."""
    wanted = frozenset(scopes)
    return " ".join(scope for scope in DESCRIPTIONS if scope in wanted)


def narrow(granted: frozenset[str], asked: str | None) -> frozenset[str]:
    """What a client gets that was granted `granted` and asks for `asked`; nothing asked for is everything.

    Raises:
        InvalidInput: `invalid_scope`: unknown, or more than was granted.
    """
    wanted = parse_scope(asked) if asked else granted
    if not wanted <= granted:
        raise InvalidInput("invalid_scope", "the scope is wider than what was granted")
    return wanted or granted
