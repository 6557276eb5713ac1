"""Spanish party sizes and nights."""

import re

from voice_engine.core.dialogue.language.parties import CountReader, PartyGrammar, read_count

_NOUN = (
    r"(?:personas?|comensales?|huesped(?:es)?|invitados?|pax|cubiertos|individuos|gentes?|en total"
    r"|personitas|participantes|pasajeros|amigos y yo"
    r"|lugares|plazas|asientos)"
)
_NOT_TIME = (
    r"(?! ?(?:(?:por|la|cada) (?:noche|dia|semana)|am\b|pm\b|:|/|%|\$|€|th\b|noches?|dias?|semanas?"
    r"|mes(?:es)?|minutos?|horas?|anos?|dolares|euros"
    r"|pesos|habitacion(?:es)?|camas?"
    r"|y (?:media|cuarto)|menos|de la (?:manana|tarde|noche)|del mediodia|por (?:ciento|100)|marque|mil\b"
    r"|de (?:enero|febrero|marzo|abril|mayo|junio|julio"
    r"|agosto|septiembre|setiembre|octubre|noviembre|diciembre|este|cada)|[0-5]\d\b|\d))"
)
_KIN = (
    r"(?:esposa|esposo|mujer|marido|pareja|novia|novio|amiga|amigo|madre|mama|padre|papa|hijo|hija|hermana"
    r"|hermano|jefe|colega|senora|suegra)"
)
_N = r"(?P<n>\d{1,3})"
_MEMBER = (
    r"(?:yo|(?:para )?mi(?= ?(?:$|[,.]| y ))|(?:para )?(?:mis|los|nuestros) (?:padres|papas|abuelos|suegros)"
    rf"|(?:mi|un|una|nuestr[oa]) {_KIN}"
    rf"|(?:para )?(?:mis |nuestros |nuestras )?\d (?:{_KIN}s|ninos|ninas|chicos|peques))"
)
_FAMILY = rf"\b(?P<v>(?=(?:[a-z0-9,]+ ){{0,9}}(?:yo|mi)\b){_MEMBER}(?:(?: ,)?(?: y| con| mas)? {_MEMBER}\b)+)"
_ONE_MEMBER = re.compile(rf"\b{_MEMBER}\b")
_COUPLES = ("padres", "papas", "abuelos", "suegros")


def _fixed(count: int) -> CountReader:
    def read(match: re.Match[str]) -> int | None:
        return count

    return read


def _sum(match: re.Match[str]) -> int | None:
    return sum(int(text) if text.isdigit() else 1 for text in (match["n"], match["k"]))


def _heads(member: str) -> int:
    if member.endswith(_COUPLES):
        return 2
    count = re.search(r"\d", member)
    return int(count.group()) if count else 1


def _family(match: re.Match[str]) -> int | None:
    """Everybody in "mi marido mis 2 hijos y yo"; None where the speaker is not among them."""
    members = [member.group() for member in _ONE_MEMBER.finditer(match["v"])]
    if not {"yo", "mi", "para mi"}.intersection(members):
        return None
    return sum(map(_heads, members))


def _and_me(match: re.Match[str]) -> int | None:
    return int(match["n"]) + 1


PARTY = PartyGrammar(
    strong=tuple(
        (re.compile(pattern), reader)
        for pattern, reader in (
            (
                r"\b(?P<v>(?P<n>\d{1,2}|un|una) (?:adultos?|mayores|personas mayores)(?: ,)?(?: y| con"
                r"| mas) (?P<k>\d|un|una)(?: \w+)? (?:ninos?|ninas?|bebes?|menor(?:es)?|nenes?|chicos?))\b",
                _sum,
            ),
            (_FAMILY, _family),
            (rf"\b(?P<v>{_N} parejas)\b", lambda match: 2 * int(match["n"])),
            (rf"\b(?P<v>{_N}(?: personas)? (?:y|mas) (?P<k>\d|un|una) (?:bebes?|ninos?|ninas?))\b", _sum),
            (
                rf"\b(?P<v>{_N} amigos? y yo|yo (?:y|con|mas) {_N.replace('P<n>', 'P<n2>')} (?:amigos|personas"
                r"|mas))\b",
                lambda m: int(m["n"] or m["n2"]) + 1,
            ),
            (rf"(?<![:/$] )(?:(?<!\d )|(?<=:\d\d ))(?<![\d:/$])\b(?P<v>{_N})(?: de)? {_NOUN}\b", read_count),
            (
                r"(?<!usted )(?<!eres )(?<!con )(?<!es )\b(?P<v>(?P<n>un|una)) (?:sola )?(?:persona|comensal"
                r"|adulto|huesped)\b",
                read_count,
            ),
            (rf"\b(?P<v>{_N}) adultos?\b", read_count),
            (
                r"(?<![\d:/$])(?<!las )\b(?P<v>(?P<n>\d{1,2}))(?=(?: (?:o|u|a|no|perdon|digo|mejor|,))+ %)",
                read_count,
            ),
            (
                r"\b(?:mesa|mesita|grupos?|reserva|reservacion|familia|lugar|sitio)(?: de mas| de menos)?"
                rf"(?: de| para| pa) (?P<v>{_N})\b{_NOT_TIME}",
                read_count,
            ),
            (
                r"\b(?:somos|seremos|seriamos|vamos a ser|vamos|iremos|iriamos|venimos|vendremos"
                r"|estaremos|son|serian|seran|van a ser|nosotros|ustedes|los"
                rf"|las)(?: unos| unas| como| solo)? (?P<v>{_N})\b{_NOT_TIME}"
                r"(?= ?(?:$|[,.?!;]| (?:para|a |el |en |y |nada|por|con"
                r"|contando|o |amig[oa]s|adultos|companeros|mujeres|hombres|chic[oa]s|hermanos|primos)))"
                r"(?<!las 1)(?<!las \d)(?<!las \d\d)",
                read_count,
            ),
            (
                r"\b(?P<v>(?:solo|solamente|unicamente|nada mas|nomas) (?:para mi|yo|una persona)"
                r"|para mi (?:solo|sola|nada mas)|yo (?:solo|sola|nada mas)|(?:voy|ire|vengo) (?:solo"
                r"|sola))\b",
                _fixed(1),
            ),
            (
                rf"\b(?P<v>(?:mi {_KIN} y (?:yo|para mi)|(?:yo|mi) y mi {_KIN}|para mi y (?:mi|para mi"
                rf"|una?) {_KIN}|nosotros 2|los 2|las 2 personas|una? pareja|en pareja))\b(?! y)",
                _fixed(2),
            ),
        )
    ),
    weak=(
        (
            re.compile(
                r"\b(?:para|pa)(?: solo| unas?| unos| como| los| nosotros"
                rf"| solamente)? (?P<v>{_N})\b{_NOT_TIME}"
            ),
            read_count,
        ),
        (
            re.compile(
                r"%(?: (?:personas|comensales|o|no|perdon|digo|mejor|mejor dicho|disculpe|,))+(?: somos"
                rf"| seremos| para)? (?P<v>{_N})\b{_NOT_TIME}"
            ),
            read_count,
        ),
    ),
    bare=re.compile(rf"(?<![\d:/$])(?<!\d )(?<!las )(?<!la )\b(?P<v>{_N})\b{_NOT_TIME}"),
    nights=((re.compile(r"(?<!las )\b(?P<v>(?P<n>\d{1,2}|una|una sola) noches?)\b"), read_count),),
)
